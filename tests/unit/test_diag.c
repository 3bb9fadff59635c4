/* What diagnostics look like is kept in tests/golden/diag/. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "golden.h"
#include "parse_helpers.h"

static const char model[] =
    "model M {\n"
    "\th1 = dense(x, units=128)\n"
    "    caf\xC3\xA9 = 1\n"
    "    z = add(h1, dense(x, units=64))\n"
    "    all = concatenate(a,\n"
    "        b,\n"
    "        c)\n"
    "}\n";

static Session  *s;
static DiagSink *diags;
static Source   *source;

static void begin(void)
{
    s = session_create();
    diags = s->cx.diags;
    source = session_source(s, "models/m.mdl", model, strlen(model));
}

static void end(void)
{
    session_destroy(s);
}

/* The first `text` in the model. */
static Span at(const char *text)
{
    const uint32_t start = (uint32_t)(strstr(model, text) - model);
    return (Span){source->id, start, start + (uint32_t)strlen(text)};
}

static void check_text(const char *name)
{
    const char *text = session_diags(s);
    golden_check(name, text, strlen(text));
}

START_TEST(labels_stand_beside_or_below_what_they_mark)
{
    Diag *d = diag_at(diags, E_SYNTAX, at("dense(x, units=64)"), "matrix sizes do not agree");
    diag_primary(d, "[batch, 64]");
    diag_label(d, (Span){source->id, at("h1, d").start, at("h1, d").start + 2}, "[batch, 128]");
    diag_label(d, at("dense(x, units=128)"), "this produces [batch, 128]");
    diag_note(d, NO_SPAN, "`add` broadcasts only axes of size 1");
    diag_help(d, "did you mean `units=128`?");
    diag_fix(d, at("64"), "128");
    check_text("diag/labels.txt");
}
END_TEST

START_TEST(labels_that_overlap_hang_on_bars)
{
    Diag *d = diag_at(diags, E_SYNTAX, at("z = add"), "one on the other");
    diag_primary(d, "the whole");
    diag_label(d, at("= add"), "the end");
    diag_label(d, at("add"), "the last word");
    check_text("diag/overlap.txt");
}
END_TEST

START_TEST(a_long_span_is_marked_where_it_begins_and_ends)
{
    Diag *d = diag_at(diags, E_SYNTAX, at("concatenate(a,\n        b,\n        c)"), "a call over three lines");
    diag_primary(d, "this call");
    check_text("diag/lines.txt");
}
END_TEST

START_TEST(tabs_and_wide_characters_keep_the_marks_in_place)
{
    diag_at(diags, E_SYNTAX, at("dense(x, units=128)"), "behind a tab");
    diag_at(diags, E_SYNTAX, at("= 1"), "behind an accent");
    check_text("diag/cells.txt");
}
END_TEST

START_TEST(other_files_have_pictures_of_their_own)
{
    static const char layer[] = "layer Dense(units: int) {\n}\n";
    Source           *library = source_add(s->sources, "dense.mdl", layer, strlen(layer), true);
    Diag             *d = diag_at(diags, E_SYNTAX, at("units=64"), "`units` is too small");
    diag_label(d, (Span){library->id, 12, 17}, "declared here");
    diag_note(d, (Span){library->id, 6, 11}, "`Dense` asks for 128");
    check_text("diag/files.txt");
}
END_TEST

START_TEST(a_long_line_is_cut_around_the_mark)
{
    enum { LENGTH = 10000000 };
    char *text = malloc(LENGTH);
    memset(text, '-', LENGTH);
    Source *big = session_source(s, "big.mdl", text, LENGTH);
    free(text);
    diag_at(diags, E_SYNTAX, (Span){big->id, 10, 20}, "near the beginning");
    diag_at(diags, E_SYNTAX, (Span){big->id, 5000000, 5000010}, "in the middle");
    diag_at(diags, E_SYNTAX, (Span){big->id, 6000000, 9000000}, "without end");
    diag_at(diags, E_SYNTAX, (Span){big->id, LENGTH, LENGTH}, "at the end");
    check_text("diag/long.txt");
}
END_TEST

START_TEST(no_place_means_no_picture)
{
    Diag *d = diag_at(diags, E_FILE_UNREADABLE, NO_SPAN, "`x.mdl` cannot be read");
    diag_help(d, "is the path right?");
    check_text("diag/nowhere.txt");
}
END_TEST

START_TEST(the_end_of_the_text_is_one_past_the_last_character)
{
    diag_primary(diag_at(diags, E_SYNTAX, (Span){source->id, (uint32_t)source->len, (uint32_t)source->len}, "at the end"), "here");
    Source *empty = session_source(s, "empty.mdl", "", 0);
    diag_at(diags, E_SYNTAX, (Span){empty->id, 0, 0}, "in an empty file");
    check_text("diag/end.txt");
}
END_TEST

START_TEST(fixes_are_shown_as_the_line_before_and_after)
{
    Diag *d = diag_at(diags, E_SYNTAX, at("model"), "four edits");
    diag_help(d, "remove and replace");
    diag_fix(d, at("z = "), "%s", "");
    diag_fix(d, at("h1, dense"), "h2, conv");
    diag_fix(d, at("all"), "every");
    diag_fix(d, at("b,"), "%s", "");
    diag_fix(d, at("c)"), "c,\n    )");
    check_text("diag/fixes.txt");
}
END_TEST

START_TEST(control_characters_do_not_reach_the_terminal)
{
    Source *evil = session_source(s, "evil.mdl", "a = \x1B[31m\xFF\x7F b", 13);
    diag_at(diags, E_SYNTAX, (Span){evil->id, 0, 1}, "not a color");
    ck_assert_ptr_null(strchr(session_diags(s), 0x1B));
}
END_TEST

START_TEST(at_most_so_many_errors_are_printed)
{
    for (uint32_t i = 0; i < 50; i++) diag_at(diags, E_SYNTAX, (Span){source->id, i, i + 1}, "error %u", i);
    const char *text = session_diags(s);
    ck_assert_ptr_nonnull(strstr(text, "error 19"));
    ck_assert_ptr_null(strstr(text, "error 20"));
    ck_assert_ptr_nonnull(strstr(text, "... and 30 more errors\n"));
    ck_assert_uint_eq(diag_errors(diags), 50);
}
END_TEST

START_TEST(a_million_errors_need_no_more_room_than_a_thousand)
{
    for (uint32_t i = 0; i < 1000000; i++) {
        Diag *d = diag_at(diags, E_SYNTAX, (Span){source->id, i, i + 1}, "error %u", i);
        diag_label(d, at("z"), "label");
        diag_help(d, "help");
    }
    ck_assert_uint_lt(arena_used(s->arena), 2 << 20);
    ck_assert_ptr_nonnull(strstr(session_diags(s), "... and 999980 more errors\n"));
}
END_TEST

START_TEST(a_million_fixes_of_one_error_need_little_room)
{
    Diag *d = diag_at(diags, E_SEMICOLON, at("model"), "statements end with the line");
    for (uint32_t i = 0; i < 1000000; i++) diag_fix(d, (Span){source->id, i % 50, i % 50}, "\n");
    ck_assert_uint_lt(arena_used(s->arena), 2 << 20);
    ck_assert_uint_lt(strlen(session_diags(s)), 3000);
}
END_TEST

START_TEST(a_diagnostic_is_given_once)
{
    for (int i = 0; i < 3; i++) diag_at(diags, E_SYNTAX, at("model"), "said before");
    diag_at(diags, E_UNCLOSED, at("model"), "another code");
    diag_at(diags, E_FILE_UNREADABLE, NO_SPAN, "one file");
    diag_at(diags, E_FILE_UNREADABLE, NO_SPAN, "another file");
    check_text("diag/once.txt");
    ck_assert_uint_eq(diag_errors(diags), 6);
}
END_TEST

START_TEST(a_message_of_a_megabyte_is_cut)
{
    char *name = malloc(1 << 20);
    memset(name, 'x', 1 << 20);
    name[(1 << 20) - 1] = '\0';
    diag_at(diags, E_SYNTAX, at("model"), "`%s` is unknown", name);
    free(name);
    ck_assert_uint_lt(strlen(session_diags(s)), 3000);
}
END_TEST

START_TEST(json_has_an_object_a_line)
{
    char  *text = NULL;
    size_t len = 0;
    FILE  *f = open_memstream(&text, &len);
    Diag  *d = diag_at(diags, E_SYNTAX, at("units=64"), "a \"quote\", a \\ and a\ttab");
    diag_primary(d, "here");
    diag_label(d, at("h1"), "there");
    diag_help(d, "write it");
    diag_fix(d, at("64"), "128");
    diag_note(d, NO_SPAN, "no place");
    diag_at(diags, E_FILE_UNREADABLE, NO_SPAN, "\xFF is no character");
    diags_render_json(diags, f);
    fclose(f);
    golden_check("diag/json.txt", text, len);
    free(text);
}
END_TEST

START_TEST(fixes_are_applied_in_order_and_never_overlap)
{
    size_t len = 0;
    Diag  *d = diag_at(diags, E_SYNTAX, at("model"), "edits");
    ck_assert_ptr_null(diags_apply_fixes(diags, source->id, &len));
    diag_fix(d, at("z = add"), "y = sub");
    diag_fix(d, at("add"), "mul"); /* inside the one before */
    diag_fix(d, at("model"), "layer");
    diag_fix(d, (Span){source->id, 0, 0}, "# one\n");
    diag_fix(d, (Span){source->id, 0, 0}, "# two\n");
    const char *text = diags_apply_fixes(diags, source->id, &len);
    ck_assert_uint_eq(len, strlen(model) + 12);
    ck_assert_int_eq(strncmp(text, "# one\n# two\nlayer M {\n", 22), 0);
    ck_assert_ptr_nonnull(strstr(text, "    y = sub(h1"));
}
END_TEST

Suite *diag_suite(void)
{
    Suite *suite = suite_create("diag");
    TCase *t = tcase_create("diag");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, labels_stand_beside_or_below_what_they_mark);
    tcase_add_test(t, labels_that_overlap_hang_on_bars);
    tcase_add_test(t, a_long_span_is_marked_where_it_begins_and_ends);
    tcase_add_test(t, tabs_and_wide_characters_keep_the_marks_in_place);
    tcase_add_test(t, other_files_have_pictures_of_their_own);
    tcase_add_test(t, a_long_line_is_cut_around_the_mark);
    tcase_add_test(t, no_place_means_no_picture);
    tcase_add_test(t, the_end_of_the_text_is_one_past_the_last_character);
    tcase_add_test(t, fixes_are_shown_as_the_line_before_and_after);
    tcase_add_test(t, control_characters_do_not_reach_the_terminal);
    tcase_add_test(t, at_most_so_many_errors_are_printed);
    tcase_add_test(t, a_million_errors_need_no_more_room_than_a_thousand);
    tcase_add_test(t, a_million_fixes_of_one_error_need_little_room);
    tcase_add_test(t, a_diagnostic_is_given_once);
    tcase_add_test(t, a_message_of_a_megabyte_is_cut);
    tcase_add_test(t, json_has_an_object_a_line);
    tcase_add_test(t, fixes_are_applied_in_order_and_never_overlap);
    suite_add_tcase(suite, t);
    return suite;
}
