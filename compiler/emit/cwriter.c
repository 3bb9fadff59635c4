#include "cwriter.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { WIDTH = 118, STRING_MAX = 4000 };

CWriter cw_create(Arena *a)
{
    return (CWriter){.out = {.arena = a}, .line = 1, .blank = true};
}

PRINTF_LIKE(2, 0)
static const char *format(CWriter *w, const char *fmt, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    if (len < 0) BUG("cannot format a line of C");
    char *text = arena_alloc(w->out.arena, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, fmt, args);
    return text;
}

static void end_line(CWriter *w)
{
    sb_putc(&w->out, '\n');
    w->line++;
    w->blank = false;
}

static void put_indent(CWriter *w, int steps)
{
    for (int i = 0; i < steps; i++) sb_put(&w->out, "    ");
}

/* Where a line of more than `room` columns ends: behind a ", " or before a " + " or " ? " outside of quotes, as late as fits;
 * but better between the arguments of an outer call than of an inner one, if a third of the line is used. */
static size_t break_at(const char *text, size_t room)
{
    size_t best = 0, best_depth = SIZE_MAX, depth = 0;
    char   quote = 0;
    for (size_t i = 0; text[i]; i++) {
        if (i >= room && best > 0) break;
        size_t at = 0;
        if (quote) {
            if (text[i] == '\\' && text[i + 1]) i++;
            else if (text[i] == quote) quote = 0;
        } else if (text[i] == '"' || text[i] == '\'') {
            quote = text[i];
        } else if (text[i] == '(' || text[i] == '{' || text[i] == '[') {
            depth++;
        } else if (text[i] == ')' || text[i] == '}' || text[i] == ']') {
            depth -= depth > 0;
        } else if (text[i] == ',' && text[i + 1] == ' ') {
            at = i + 2;
        } else if (text[i] == ' ' && (text[i + 1] == '+' || text[i + 1] == '?') && text[i + 2] == ' ') {
            at = i + 1;
        }
        if (at > 0 && (depth <= best_depth || best < room / 3)) {
            best = at;
            best_depth = depth;
        }
    }
    return best;
}

static void put_line(CWriter *w, const char *text)
{
    if (!*text) {
        cw_blank(w);
        return;
    }
    int steps = w->indent;
    while (4 * (size_t)steps + strlen(text) > WIDTH && *text != '#' && *text != '/') {
        size_t at = break_at(text, WIDTH - 4 * (size_t)steps);
        if (at == 0) break;
        put_indent(w, steps);
        size_t len = at;
        while (len > 0 && text[len - 1] == ' ') len--;
        sb_putn(&w->out, text, len);
        end_line(w);
        text += at;
        steps = w->indent + 2;
    }
    put_indent(w, steps);
    sb_put(&w->out, text);
    end_line(w);
}

void cw_line(CWriter *w, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    put_line(w, format(w, fmt, args));
    va_end(args);
}

void cw_open(CWriter *w, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *text = format(w, fmt, args);
    va_end(args);
    put_line(w, arena_printf(w->out.arena, "%s%s{", text, *text ? " " : ""));
    w->indent++;
    w->blank = true;
}

void cw_close(CWriter *w, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *text = format(w, fmt, args);
    va_end(args);
    w->indent--;
    put_line(w, arena_printf(w->out.arena, "}%s", text));
}

void cw_blank(CWriter *w)
{
    if (w->blank) return;
    sb_putc(&w->out, '\n');
    w->line++;
    w->blank = true;
}

void cw_directive(CWriter *w, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    sb_put(&w->out, format(w, fmt, args));
    va_end(args);
    end_line(w);
}

void cw_lines(CWriter *w, const char *text)
{
    while (*text) {
        const char *end = strchr(text, '\n');
        size_t      len = end ? (size_t)(end - text) : strlen(text);
        if (len == 0) {
            cw_blank(w);
        } else {
            if (*text != '#') put_indent(w, w->indent);
            sb_putn(&w->out, text, len);
            end_line(w);
        }
        text += len + (end != NULL);
    }
}

/* No comment delimiters, trigraphs, line ends or control characters. */
static const char *harmless(Arena *a, const char *text)
{
    StrBuf b = {.arena = a};
    for (const char *s = text; *s; s++) {
        unsigned char c = (unsigned char)*s;
        bool pair = s > text && ((s[-1] == '*' && c == '/') || (s[-1] == '/' && c == '*') || (s[-1] == '?' && c == '?'));
        if (pair) sb_putc(&b, ' ');
        sb_putc(&b, c < 0x20 || c == 0x7f ? ' ' : *s);
    }
    return sb_text(&b);
}

void cw_comment(CWriter *w, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *text = harmless(w->out.arena, format(w, fmt, args));
    va_end(args);
    const char *opener = "/* ";
    size_t      room = WIDTH - 4 * (size_t)w->indent - 6;
    while (strlen(text) > room) {
        size_t at = room;
        while (at > 0 && text[at] != ' ') at--;
        if (at == 0) break;
        put_indent(w, w->indent);
        sb_put(&w->out, opener);
        sb_putn(&w->out, text, at);
        end_line(w);
        text += at;
        while (*text == ' ') text++;
        opener = " * ";
    }
    put_indent(w, w->indent);
    sb_put(&w->out, opener);
    sb_put(&w->out, text);
    sb_put(&w->out, " */");
    end_line(w);
}

bool c_string_fits(const char *text)
{
    return strlen(text) <= STRING_MAX;
}

const char *c_string(Arena *a, const char *text)
{
    StrBuf b = {.arena = a};
    sb_putc(&b, '"');
    for (const char *s = text; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\') sb_printf(&b, "\\%c", c);
        else if (c == '\n') sb_put(&b, "\\n");
        else if (c == '?' && s > text && s[-1] == '?') sb_put(&b, "\\?");
        else if (c < 0x20 || c == 0x7f) sb_printf(&b, "\\%03o", c);
        else sb_putc(&b, *s);
    }
    sb_putc(&b, '"');
    return sb_text(&b);
}

const char *c_string_bytes(Arena *a, const char *text)
{
    StrBuf b = {.arena = a};
    for (const char *s = text; *s; s++) sb_printf(&b, "%d, ", *s);
    sb_put(&b, "0");
    return sb_text(&b);
}
