#include "parse_helpers.h"

#include <stdlib.h>
#include <string.h>

#include "syntax/ast_print.h"

Session *session_create(void)
{
    Arena   *a = arena_create();
    Session *s = arena_new(a, Session);
    s->arena = a;
    s->sources = sources_create(a);
    s->cx = (ParseContext){a, interner_create(a), diags_create(a, s->sources)};
    return s;
}

void session_destroy(Session *s)
{
    for (size_t i = 0; i < s->texts.len; i++) free(s->texts.at[i]);
    arena_destroy(s->arena);
}

Source *session_source(Session *s, const char *path, const char *text, size_t len)
{
    char *copy = malloc(len + 1);
    memcpy(copy, text, len);
    copy[len] = '\0';
    vec_push(s->arena, &s->texts, copy);
    return source_add(s->sources, path, copy, len, false);
}

/* What `write` prints, as a string of the session. */
static const char *printed(Session *s, void (*write)(Session *, FILE *, const void *), const void *what)
{
    char  *text = NULL;
    size_t len = 0;
    FILE  *f = open_memstream(&text, &len);
    write(s, f, what);
    fclose(f);
    const char *copy = arena_copy(s->arena, text, len);
    free(text);
    return copy;
}

static void write_tree(Session *s, FILE *f, const void *file)
{
    (void)s;
    ast_print(f, file);
}

static void write_diags(Session *s, FILE *f, const void *unused)
{
    (void)unused;
    diags_render_text(s->cx.diags, f, (DiagStyle){false, 100});
}

const char *session_tree(Session *s, const AstFile *file)
{
    return printed(s, write_tree, file);
}

const char *session_dump(Session *s, const char *text)
{
    return session_tree(s, parse_file(&s->cx, session_source(s, "test.mdl", text, strlen(text))));
}

const char *session_diags(Session *s)
{
    return printed(s, write_diags, NULL);
}
