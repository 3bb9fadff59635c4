#include "options.h"

#include <string.h>

int mdl_take_value(const char *name, int argc, char *const *argv, int *at, const char **value, mdl_error *error)
{
    const size_t len = strlen(name);
    if (strncmp(argv[*at], name, len) != 0) return 0;
    if (argv[*at][len] == '=') *value = argv[*at] + len + 1;
    else if (argv[*at][len] != '\0') return 0;
    else if (*at + 1 < argc) *value = argv[++*at];
    else {
        mdl_fail(error, MDL_USAGE, "%s needs a value", name);
        return -1;
    }
    ++*at;
    return 1;
}

/* Insertions, deletions, replacements and swaps of neighbours that make `b` of `a`; both shorter than LONGEST. */
enum { LONGEST = 32 };

static size_t distance(const char *a, size_t na, const char *b, size_t nb)
{
    size_t d[LONGEST + 1][LONGEST + 1];
    for (size_t i = 0; i <= na; i++) d[i][0] = i;
    for (size_t k = 0; k <= nb; k++) d[0][k] = k;
    for (size_t i = 1; i <= na; i++) {
        for (size_t k = 1; k <= nb; k++) {
            size_t best = d[i - 1][k - 1] + (a[i - 1] != b[k - 1]);
            if (d[i - 1][k] + 1 < best) best = d[i - 1][k] + 1;
            if (d[i][k - 1] + 1 < best) best = d[i][k - 1] + 1;
            const bool swapped = i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1];
            if (swapped && d[i - 2][k - 2] + 1 < best) best = d[i - 2][k - 2] + 1;
            d[i][k] = best;
        }
    }
    return d[na][nb];
}

const char *mdl_nearest(const char *word, const char *const *words, size_t count)
{
    const size_t len = strlen(word);
    size_t       least = len / 3 + 1; /* farther away it is no slip */
    const char  *nearest = NULL;
    if (len > LONGEST) return NULL;
    for (size_t i = 0; i < count; i++) {
        const size_t other = strlen(words[i]);
        if (other > LONGEST) continue;
        const size_t d = distance(word, len, words[i], other);
        if (d < least || (d == least && nearest == NULL)) {
            least = d;
            nearest = words[i];
        }
    }
    return nearest;
}
