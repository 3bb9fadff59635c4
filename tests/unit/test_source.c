#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/utf8.h"
#include "source/source.h"

/* ---- places ---- */

static const struct {
    const char *text;
    uint32_t    offset, line, column;
} places[] = {
    {"", 0, 1, 1},
    {"abc", 0, 1, 1},
    {"abc", 3, 1, 4},       /* one past the last character */
    {"a\nb\n", 2, 2, 1},
    {"a\nb\n", 4, 3, 1},    /* behind the last newline */
    {"a\nb\n", 99, 3, 1},   /* beyond the end: at the end */
    {"\tx", 1, 1, 5},       /* a tab reaches the next stop */
    {"ab\tx", 3, 1, 5},
    {"abcd\tx", 5, 1, 9},
    {"\xC3\xA9x", 2, 1, 2}, /* two bytes, one cell */
    {"\xFFx", 1, 1, 2},     /* no character, one cell */
    {"a\r\nb", 3, 2, 1},
};

START_TEST(a_place_counts_lines_and_cells)
{
    Arena      *a = arena_create();
    const char *text = places[_i].text;
    Source     *s = source_add(sources_create(a), "x", text, strlen(text), false);
    const Place p = source_place(s, places[_i].offset);
    ck_assert_uint_eq(p.line, places[_i].line);
    ck_assert_uint_eq(p.column, places[_i].column);
    arena_destroy(a);
}
END_TEST

START_TEST(a_wide_character_takes_two_cells)
{
    if (utf8_cells(0x4E2D) != 2) return; /* built without utf8proc */
    ck_assert_uint_eq(cells_after(0, "\xE4\xB8\xAD", 3), 2);
    ck_assert_uint_eq(cells_after(0, "e\xCC\x81", 3), 1); /* e and a combining accent */
}
END_TEST

START_TEST(a_line_is_given_without_its_newline)
{
    Arena  *a = arena_create();
    Source *s = source_add(sources_create(a), "x", "one\r\ntwo\n\nfour", 14, false);
    ck_assert(str_eq(source_line(s, 1), "one"));
    ck_assert(str_eq(source_line(s, 2), "two"));
    ck_assert(str_eq(source_line(s, 3), ""));
    ck_assert(str_eq(source_line(s, 4), "four"));
    ck_assert(str_eq(source_line(s, 5), ""));
    ck_assert(str_eq(source_line(s, 0), ""));
    arena_destroy(a);
}
END_TEST

/* ---- spans and sources ---- */

START_TEST(a_joined_span_covers_both)
{
    const Span none = {0, 0, 0};
    const Span s = span_join((Span){1, 5, 7}, (Span){1, 2, 3});
    ck_assert(s.file == 1 && s.start == 2 && s.end == 7);
    ck_assert_uint_eq(span_join(none, s).start, 2);
    ck_assert_uint_eq(span_join(s, none).end, 7);
    ck_assert_uint_eq(span_join(s, (Span){2, 9, 9}).end, 7); /* another file's does not count */
    ck_assert(!span_known(none) && span_known(s));
}
END_TEST

START_TEST(sources_are_numbered_from_one)
{
    Arena     *a = arena_create();
    SourceMap *m = sources_create(a);
    ck_assert_uint_eq(source_add(m, "a", "", 0, false)->id, 1);
    ck_assert_uint_eq(source_add(m, "b", "", 0, true)->id, 2);
    ck_assert_str_eq(source_get(m, 2)->path, "b");
    ck_assert_ptr_null(source_get(m, 0));
    ck_assert_ptr_null(source_get(m, 3));
    arena_destroy(a);
}
END_TEST

START_TEST(a_file_is_read_whole)
{
    char path[64];
    snprintf(path, sizeof path, "/tmp/mdl_source_%ld.mdl", (long)getpid());
    FILE *f = fopen(path, "wb");
    for (int i = 0; i < 100000; i++) fputs("line\n", f);
    fputc('\0', f);
    fclose(f);
    Arena      *a = arena_create();
    const char *why = NULL;
    Source     *s = source_load(sources_create(a), path, &why);
    unlink(path);
    ck_assert_ptr_nonnull(s);
    ck_assert_uint_eq(s->len, 500001);
    ck_assert_uint_eq(source_place(s, 499999).line, 100000);
    arena_destroy(a);
}
END_TEST

START_TEST(what_cannot_be_read_is_said_why)
{
    Arena      *a = arena_create();
    SourceMap  *m = sources_create(a);
    const char *why = NULL;
    ck_assert_ptr_null(source_load(m, "/tmp/no such file.mdl", &why));
    ck_assert_str_eq(why, "No such file or directory");
    ck_assert_ptr_null(source_load(m, "/tmp", &why));
    ck_assert_str_eq(why, "is a directory");
    arena_destroy(a);
}
END_TEST

/* ---- UTF-8 ---- */

static const struct {
    const char *bytes;
    uint32_t    c;
    size_t      taken;
} characters[] = {
    {"a", 'a', 1},
    {"\xC3\xA9", 0xE9, 2},
    {"\xE2\x82\xAC", 0x20AC, 3},
    {"\xF0\x9F\x98\x80", 0x1F600, 4},
    {"\x80", UTF8_BAD, 1},
    {"\xC3", UTF8_BAD, 1},             /* cut off */
    {"\xC0\x80", UTF8_BAD, 1},         /* overlong */
    {"\xED\xA0\x80", UTF8_BAD, 1},     /* a surrogate */
    {"\xF4\x90\x80\x80", UTF8_BAD, 1}, /* beyond U+10FFFF */
    {"\xFF", UTF8_BAD, 1},
};

START_TEST(a_character_is_decoded_and_encoded)
{
    uint32_t    c;
    const char *bytes = characters[_i].bytes;
    ck_assert_uint_eq(utf8_decode(bytes, strlen(bytes), &c), characters[_i].taken);
    ck_assert_uint_eq(c, characters[_i].c);
    if (c == UTF8_BAD) return;
    char again[4];
    ck_assert_uint_eq(utf8_encode(again, c), strlen(bytes));
    ck_assert_int_eq(memcmp(again, bytes, strlen(bytes)), 0);
}
END_TEST

Suite *source_suite(void)
{
    Suite *s = suite_create("source");
    TCase *t = tcase_create("source");
    tcase_add_loop_test(t, a_place_counts_lines_and_cells, 0, sizeof places / sizeof *places);
    tcase_add_test(t, a_wide_character_takes_two_cells);
    tcase_add_test(t, a_line_is_given_without_its_newline);
    tcase_add_test(t, a_joined_span_covers_both);
    tcase_add_test(t, sources_are_numbered_from_one);
    tcase_add_test(t, a_file_is_read_whole);
    tcase_add_test(t, what_cannot_be_read_is_said_why);
    tcase_add_loop_test(t, a_character_is_decoded_and_encoded, 0, sizeof characters / sizeof *characters);
    suite_add_tcase(s, t);
    return s;
}
