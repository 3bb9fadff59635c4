#include "token.h"

enum { INSIDE = 0, ENDS = 1, BEGINS = 2, BOTH = 3 };

static const struct {
    const char *shown;
    int         line;
} tokens[] = {
    [TK_END] = {"the end of the file", BOTH},
#define TOKEN(name, shown, line) [TK_##name] = {shown, line},
#include "../../grammar/tokens.def"
#undef TOKEN
};

const char *token_shown(int kind)
{
    return tokens[kind].shown;
}

bool token_ends(int kind)
{
    return tokens[kind].line & ENDS;
}

bool token_begins(int kind)
{
    return kind != TK_END && (tokens[kind].line & BEGINS);
}
