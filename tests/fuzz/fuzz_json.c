/* The JSON reader and writer, on any bytes: a string that is read, written and read again is the same. */
#include <stdlib.h>
#include <string.h>

#include "json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Pool        pool = {0};
    Json        j = {.s = (const char *)data, .len = size, .pool = &pool};
    const char *text, *again;
    size_t      len, length;
    uint64_t    count;
    if (mdl_json_read_string(&j, &text, &len)) {
        Text t = {0};
        mdl_json_string(&t, text, len);
        Json k = {.s = t.s, .len = t.len, .pool = &pool};
        if (!mdl_json_read_string(&k, &again, &length) || length != len || memcmp(text, again, len) != 0) abort();
        if (!mdl_json_end(&k)) abort();
        mdl_text_free(&t);
    }
    Json n = {.s = (const char *)data, .len = size, .pool = &pool};
    if (mdl_json_read_count(&n, 1000, &count) && count > 1000) abort();
    Json s = {.s = (const char *)data, .len = size, .pool = &pool};
    if (mdl_json_skip_scalar(&s) && (s.at > size || s.at == 0)) abort();
    for (const char *c = "{}[]:,"; *c != '\0'; c++) {
        Json e = {.s = (const char *)data, .len = size, .pool = &pool};
        if (mdl_json_expect(&e, *c) == (e.fault != NULL)) abort();
    }
    mdl_pool_free(&pool);
    return 0;
}
