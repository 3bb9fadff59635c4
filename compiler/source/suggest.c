/* Edit distance with transpositions (Damerau-Levenshtein, optimal string alignment). Letters are compared without case;
 * case decides between names that are equally near. */
#include <ctype.h>
#include <string.h>

#include "diag.h"

enum { NAME_MAX_LENGTH = 64, EDIT = NAME_MAX_LENGTH + 1 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t difference(char a, char b)
{
    return a == b ? 0 : tolower((unsigned char)a) == tolower((unsigned char)b) ? 1 : EDIT;
}

/* Three rows of the table suffice: this one, the one before, and the one before that for transpositions. */
static size_t distance(const char *a, size_t na, const char *b, size_t nb)
{
    size_t rows[3][NAME_MAX_LENGTH + 1];
    for (size_t j = 0; j <= nb; j++) rows[0][j] = j * EDIT;
    for (size_t i = 1; i <= na; i++) {
        size_t       *row = rows[i % 3];
        const size_t *above = rows[(i - 1) % 3];
        row[0] = i * EDIT;
        for (size_t j = 1; j <= nb; j++) {
            row[j] = least(above[j - 1] + difference(a[i - 1], b[j - 1]), least(above[j], row[j - 1]) + EDIT);
            if (i < 2 || j < 2) continue;
            const size_t swap = difference(a[i - 1], b[j - 2]) + difference(a[i - 2], b[j - 1]);
            if (swap < EDIT) row[j] = least(row[j], rows[(i - 2) % 3][j - 2] + swap + EDIT);
        }
    }
    return rows[na % 3][nb];
}

const char *suggest(const char *name, const char *const *candidates, size_t count)
{
    const size_t len = strlen(name);
    if (len > NAME_MAX_LENGTH) return NULL;
    const char *best = NULL;
    size_t      best_distance = EDIT * (len <= 2 ? 1 : len <= 5 ? 2 : len / 3 + 1); /* below this is close */
    for (size_t i = 0; i < count; i++) {
        const size_t n = strlen(candidates[i]);
        if (n > NAME_MAX_LENGTH) continue;
        const size_t d = distance(name, len, candidates[i], n);
        if (d < best_distance && d / EDIT < n) {
            best = candidates[i];
            best_distance = d;
        }
    }
    return best;
}
