/* mdlc explain CODE: a section of docs/errors.md, which is embedded as it is. */
#include "driver.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>


/* Made from docs/errors.md by cmake/EmbedText.cmake. */
extern const unsigned char errors_page[];

/* "E0501" of "e501" or "E0501"; false if it can be no code. */
static bool read_code(const char *word, char code[8])
{
    const size_t digits = strspn(word + 1, "0123456789");
    if (!*word || !digits || digits > 4 || word[1 + digits]) return false;
    snprintf(code, 8, "%c%.*s%s", toupper((unsigned char)*word), (int)(4 - digits), "0000", word + 1);
    return true;
}

/* The section under "### CODE: ...", or NULL; *len is its length. */
static const char *find_section(const char *code, size_t *len)
{
    char heading[16];
    snprintf(heading, sizeof heading, "\n### %s: ", code);
    const char *at = strstr((const char *)errors_page, heading);
    if (!at) return NULL;
    at += strlen("\n### ");
    const char *end = strstr(at, "\n##");
    *len = end ? (size_t)(end - at) : strlen(at);
    return at;
}

static int list_codes(void)
{
    for (const char *at = (const char *)errors_page; (at = strstr(at, "\n### "));) {
        at += strlen("\n### ");
        printf("%.*s\n", (int)strcspn(at, "\n"), at);
    }
    return EXIT_DONE;
}

static const char page[] = "mdlc explain CODE\n"
                           "\n"
                           "Prints what an error or a warning means, with an example; without CODE, all codes.\n"
                           "\n"
                           "  mdlc explain E0501\n"
                           "  mdlc explain | grep axis\n";

int explain_verb(int argc, char **argv)
{
    char code[8];
    size_t len;
    if (argc == 1) return list_codes();
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
        fputs(page, stdout);
        return EXIT_DONE;
    }
    if (argc > 2) {
        fprintf(stderr, "mdlc: explain takes one code: mdlc explain %s\n", argv[1]);
        return EXIT_USAGE;
    }
    const char *section = read_code(argv[1], code) ? find_section(code, &len) : NULL;
    if (!section) {
        fprintf(stderr, "mdlc: there is no error or warning `%s`; `mdlc explain` lists all\n", argv[1]);
        return EXIT_USAGE;
    }
    fwrite(section, 1, len, stdout);
    return EXIT_DONE;
}
