/* `mdlc layers` and `mdlc show`: the layer library, which is in the compiler, as a catalogue and as text. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "driver.h"
#include "ir/ir.h"

/* A declaration of the library: its text with the `##` lines above. */
typedef struct Item {
    const char *kind; /* "layer", "fn", "const" */
    const char *name;
    const char *doc;  /* the first sentence */
    const char *text;
    size_t len;
} Item;

typedef VEC(Item) Items;

static const char layers_page[] =
    "mdlc layers [WORD] [--functions]\n"
    "\n"
    "Lists the layers of the library, a line each; with WORD those that have it in\n"
    "their name or their line.\n"
    "\n"
    "  --functions         the functions instead of the layers\n"
    "\n"
    "  mdlc layers\n"
    "  mdlc layers pool\n";

static const char show_page[] =
    "mdlc show NAME...\n"
    "\n"
    "Prints layers and functions of the library as they are written in MDL, to be\n"
    "read, copied and changed: a file may declare a layer of the same name.\n"
    "\n"
    "  mdlc show Dense\n"
    "  mdlc show LSTM LSTMCell > my_lstm.mdl\n";

/* ---- the library's text ---- */

static const char *next_line(const char *p)
{
    p += strcspn(p, "\n");
    return *p ? p + 1 : p;
}

static const char *kind_at(const char *line)
{
    static const char *const kinds[] = {"layer", "fn", "const", "model"};
    for (size_t i = 0; i < countof(kinds); i++) {
        const size_t n = strlen(kinds[i]);
        if (!strncmp(line, kinds[i], n) && line[n] == ' ') return kinds[i];
    }
    return NULL;
}

/* The first sentence of `##` lines, as one line. */
static const char *first_sentence(Arena *a, const char *from, const char *to)
{
    StrBuf b = {.arena = a};
    for (const char *p = from; p < to; p = next_line(p)) {
        const char *text = p + 2 + (p[2] == ' ');
        sb_printf(&b, "%s%.*s", b.len ? " " : "", (int)strcspn(text, "\n"), text);
    }
    char *s = arena_copy(a, sb_text(&b), b.len);
    for (char *end = strstr(s, ". "); end; end = strstr(end + 1, ". ")) {
        if (isupper((unsigned char)end[2])) {
            end[1] = '\0';
            break;
        }
    }
    return s;
}

static void trim(Item *i)
{
    while (i->len && isspace((unsigned char)i->text[i->len - 1])) i->len--;
}

/* The files are ours: a declaration begins at the start of a line, and reaches to the next one or its `##` lines. */
static void read_file(Arena *a, const char *text, Items *items)
{
    const char *doc = NULL;
    size_t first = items->len;
    for (const char *p = text; *p; p = next_line(p)) {
        const char *kind = kind_at(p);
        if (!strncmp(p, "##", 2)) {
            if (!doc) doc = p;
        } else if (!kind) doc = NULL;
        if (!kind) continue;
        const char *start = doc ? doc : p, *name = p + strlen(kind) + 1;
        if (items->len > first) items->at[items->len - 1].len = (size_t)(start - items->at[items->len - 1].text);
        const size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
        vec_push(a, items, ((Item){kind, arena_copy(a, name, n), first_sentence(a, start, p), start, strlen(start)}));
        doc = NULL;
    }
    for (; first < items->len; first++) trim(&items->at[first]);
}

static Items library_items(Arena *a)
{
    Items items = {0};
    for (size_t i = 0; i < library_file_count; i++) read_file(a, library_files[i].text, &items);
    return items;
}

/* ---- the command lines ---- */

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) return true;
    }
    return false;
}

/* Without regard to case. */
static bool contains(Arena *a, const char *text, const char *word)
{
    char *t = arena_copy(a, text, strlen(text)), *w = arena_copy(a, word, strlen(word));
    for (char *c = t; *c; c++) *c = (char)tolower((unsigned char)*c);
    for (char *c = w; *c; c++) *c = (char)tolower((unsigned char)*c);
    return strstr(t, w) != NULL;
}

static bool is_layer(const Item *i)
{
    return !strcmp(i->kind, "layer") || (!strcmp(i->kind, "const") && isupper((unsigned char)i->name[0]));
}

static const Item *first_by_name(const Items *items, const char *after, bool functions)
{
    const Item *best = NULL;
    for (size_t i = 0; i < items->len; i++) {
        const Item *it = &items->at[i];
        const bool wanted = functions ? !strcmp(it->kind, "fn") : is_layer(it);
        if (wanted && strcmp(it->name, after) > 0 && (!best || strcmp(it->name, best->name) < 0)) best = it;
    }
    return best;
}

static int list(Arena *a, const char *word, bool functions)
{
    const Items items = library_items(a);
    int shown = 0;
    for (const Item *i = first_by_name(&items, "", functions); i; i = first_by_name(&items, i->name, functions)) {
        if (!contains(a, arena_printf(a, "%s %s", i->name, i->doc), word)) continue;
        printf("%-27s %s\n", i->name, i->doc);
        shown++;
    }
    if (shown) return EXIT_DONE;
    fprintf(stderr, "mdlc: no %s of the library has `%s` in its name or its line\n", functions ? "function" : "layer", word);
    return EXIT_USAGE;
}

int layers_verb(Arena *a, int argc, char **argv)
{
    const char *word = NULL;
    bool functions = false;
    if (asks_for_help(argc, argv)) {
        fputs(layers_page, stdout);
        return EXIT_DONE;
    }
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--functions")) functions = true;
        else if (argv[i][0] == '-') {
            fprintf(stderr, "mdlc: there is no option `%s`; `mdlc layers --help` lists them\n", argv[i]);
            return EXIT_USAGE;
        } else if (word) {
            fprintf(stderr, "mdlc: two words are given, `%s` and `%s`; `mdlc layers` takes one\n", word, argv[i]);
            return EXIT_USAGE;
        } else word = argv[i];
    }
    return list(a, word ? word : "", functions);
}

static int unknown_name(Arena *a, const Items *items, const char *name)
{
    TextVec names = {0};
    for (size_t i = 0; i < OPC_COUNT; i++) {
        const OpInfo *op = &op_table[i];
        if (strcmp(op->name, name) || !*op->signature) continue;
        fprintf(stderr, "mdlc: `%s(%s)` is an operation, written in C. %s\n", name, op->signature, op->doc);
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < items->len; i++) vec_push(a, &names, items->at[i].name);
    const char *near = suggest(name, names.at, names.len);
    if (near) fprintf(stderr, "mdlc: the library has no `%s`; did you mean `%s`?\n", name, near);
    else fprintf(stderr, "mdlc: the library has no `%s`; `mdlc layers` lists what it has\n", name);
    return EXIT_USAGE;
}

static const Item *find(const Items *items, const char *name)
{
    for (size_t i = 0; i < items->len; i++) {
        if (!strcmp(items->at[i].name, name)) return &items->at[i];
    }
    return NULL;
}

static void print_item(const Item *i, bool first)
{
    printf("%s%.*s\n", first ? "" : "\n", (int)i->len, i->text);
}

int show_verb(Arena *a, int argc, char **argv)
{
    const Items items = library_items(a);
    if (asks_for_help(argc, argv)) {
        fputs(show_page, stdout);
        return EXIT_DONE;
    }
    if (argc < 2) {
        fputs("mdlc: no name is given: mdlc show Dense\n", stderr);
        return EXIT_USAGE;
    }
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] == '-') {
            fprintf(stderr, "mdlc: there is no option `%s`; `mdlc show --help` tells what there is\n", argv[i]);
            return EXIT_USAGE;
        }
        if (!find(&items, argv[i])) return unknown_name(a, &items, argv[i]);
    }
    for (int i = 1; i < argc; i++) {
        const Item *it = find(&items, argv[i]);
        print_item(it, i == 1);
        const char *target = strstr(it->text, "= ");
        if (strcmp(it->kind, "const") || !target) continue;
        const char *end = it->text + it->len;
        const Item *other = find(&items, arena_copy(a, target + 2, (size_t)(end - target - 2)));
        if (other) print_item(other, false); /* another name: what it stands for */
    }
    return EXIT_DONE;
}
