/* Damaged programs. Words of each example are left out, doubled, and exchanged with the next; each example is cut off behind
 * many a byte. MDL_THOROUGH=1 in the environment tries every word and every byte. */
#include <check.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "parse_helpers.h"
#include "source/diag_sink.h"
#include "syntax/lexer.h"

static glob_t programs;

/* The distance between two tries. */
static size_t stride(size_t usual)
{
    return getenv("MDL_THOROUGH") ? 1 : usual;
}

typedef struct Score {
    size_t broken, well_placed, most_errors;
} Score;

typedef VEC(Token) TokenVec;

static TokenVec words_of(Session *s, const Source *source)
{
    TokenVec words = {0};
    Lexer    lx = lexer_create(&s->cx, source, source->text, source->len, 0);
    for (Token t = lexer_next(&lx); t.kind != TK_END; t = lexer_next(&lx)) vec_push(s->arena, &words, t);
    return words;
}

/* Parses a damaged text: the first error should be on the lines [first, last + 1] of the damage. */
static void try_damage(const char *text, size_t len, uint32_t first, uint32_t last, Score *score)
{
    Session  *s = session_create();
    DiagSink *diags = s->cx.diags;
    Source   *source = source_add(s->sources, "damaged.mdl", text, len, false);
    parse_file(&s->cx, source);
    if (diag_errors(diags)) {
        diags_sort(diags);
        const uint32_t line = source_place(source, diags->all.at[0]->span.start).line;
        score->broken++;
        score->well_placed += line >= first && line <= last + 1;
        if (diags->all.len > score->most_errors) score->most_errors = diags->all.len;
    }
    session_destroy(s);
}

static void put(StrBuf *b, const Source *source, uint32_t from, uint32_t to)
{
    sb_putn(b, source->text + from, to - from);
}

static void damage_word(Source *source, Token t, const Token *next, Score *score)
{
    Arena         *a = arena_create();
    const uint32_t line = source_place(source, t.start).line, len = (uint32_t)source->len;
    StrBuf         without = {.arena = a}, doubled = {.arena = a}, exchanged = {.arena = a};

    put(&without, source, 0, t.start);
    put(&without, source, t.end, len);
    try_damage(sb_text(&without), without.len, line, line, score);

    put(&doubled, source, 0, t.end);
    sb_putc(&doubled, ' ');
    put(&doubled, source, t.start, len);
    try_damage(doubled.s, doubled.len, line, line, score);

    if (next) {
        put(&exchanged, source, 0, t.start);
        put(&exchanged, source, next->start, next->end);
        put(&exchanged, source, t.end, next->start);
        put(&exchanged, source, t.start, t.end);
        put(&exchanged, source, next->end, len);
        try_damage(exchanged.s, exchanged.len, line, source_place(source, next->start).line, score);
    }
    arena_destroy(a);
}

START_TEST(an_error_is_found_where_a_word_is_damaged)
{
    Session       *s = session_create();
    const char    *why = NULL;
    Source        *source = source_load(s->sources, programs.gl_pathv[_i], &why);
    const TokenVec words = words_of(s, source);
    Score          score = {0};
    for (size_t i = 0; i < words.len; i += stride(5)) {
        damage_word(source, words.at[i], i + 1 < words.len ? &words.at[i + 1] : NULL, &score);
    }
    ck_assert_msg(score.broken - score.well_placed <= 1 + score.broken / 100, "%s: %zu of %zu", source->path, score.well_placed, score.broken);
    ck_assert_uint_le(score.most_errors, 3);
    session_destroy(s);
}
END_TEST

START_TEST(a_program_may_be_cut_off_anywhere)
{
    Session      *whole = session_create();
    const char   *why = NULL;
    const Source *source = source_load(whole->sources, programs.gl_pathv[_i], &why);
    for (size_t len = 0; len < source->len; len += stride(17)) {
        Session *s = session_create();
        session_tree(s, parse_file(&s->cx, session_source(s, "cut.mdl", source->text, len)));
        ck_assert_uint_le(diag_errors(s->cx.diags), 2);
        session_diags(s);
        session_destroy(s);
    }
    session_destroy(whole);
}
END_TEST

Suite *recovery_suite(void)
{
    Suite *suite = suite_create("recovery");
    TCase *t = tcase_create("recovery");
    glob(EXAMPLES_DIR "/*/*.mdl", 0, NULL, &programs);
    tcase_set_timeout(t, 300);
    tcase_add_loop_test(t, an_error_is_found_where_a_word_is_damaged, 0, (int)programs.gl_pathc);
    tcase_add_loop_test(t, a_program_may_be_cut_off_anywhere, 0, (int)programs.gl_pathc);
    suite_add_tcase(suite, t);
    return suite;
}
