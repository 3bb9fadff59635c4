/* Any bytes: the words of a text follow one another, inside the text, and come to an end. */
#include <stdint.h>

#include "base/bug.h"
#include "syntax/lexer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    Arena             *a = arena_create();
    SourceMap         *sources = sources_create(a);
    const ParseContext cx = {a, interner_create(a), diags_create(a, sources)};
    Source            *source = source_add(sources, "fuzz.mdl", arena_copy(a, (const char *)data, len), len, false);
    Lexer              lexer = lexer_create(&cx, source, source->text, source->len, 0);
    uint32_t           before = 0;
    for (Token t = lexer_next(&lexer); t.kind != TK_END; t = lexer_next(&lexer)) {
        if (t.start < before || t.end <= t.start || t.end > len) BUG("word %u..%u behind %u", t.start, t.end, before);
        before = t.end;
    }
    arena_destroy(a);
    return 0;
}
