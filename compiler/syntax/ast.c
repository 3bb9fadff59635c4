/* Operators, places and documentation: what every kind of node needs. */
#include "ast.h"
#include "ast_build.h"

const char *operator_text(Operator op)
{
    static const char *const texts[] = {
        [OP_ADD] = "+", [OP_SUB] = "-", [OP_MUL] = "*", [OP_DIV] = "/", [OP_FLOORDIV] = "//", [OP_MOD] = "%",
        [OP_MATMUL] = "@", [OP_POW] = "**", [OP_BITOR] = "|", [OP_BITXOR] = "^", [OP_BITAND] = "&",
        [OP_NEG] = "-", [OP_POS] = "+", [OP_INVERT] = "~",
        [OP_EQ] = "==", [OP_NE] = "!=", [OP_LT] = "<", [OP_LE] = "<=", [OP_GT] = ">", [OP_GE] = ">=",
        [OP_IN] = "in", [OP_NOT_IN] = "not in", [OP_IS] = "is", [OP_IS_NOT] = "is not",
    };
    return texts[op];
}

Span token_span(const Builder *b, Token t)
{
    return (Span){b->source->id, t.start, t.end};
}

Span tokens_span(const Builder *b, Token first, Token last)
{
    return (Span){b->source->id, first.start, last.end};
}

Span span_from(const Builder *b, Token first, Span last)
{
    return span_join(token_span(b, first), last);
}

Ident ident(const Builder *b, Token t)
{
    return (Ident){t.as.sym, token_span(b, t)};
}

Str doc_at(const Builder *b, uint32_t offset)
{
    size_t low = 0, high = b->lexer->docs.len;
    while (low < high) {
        const size_t      middle = low + (high - low) / 2;
        const DocComment *d = &b->lexer->docs.at[middle];
        if (d->word == offset) return d->text;
        if (d->word < offset) low = middle + 1;
        else high = middle;
    }
    return (Str){"", 0};
}
