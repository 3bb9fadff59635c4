/* A table of text columns: measured first, then printed. */
#ifndef MDL_TABLE_H
#define MDL_TABLE_H

#include "text.h"

enum { MDL_TABLE_COLUMNS = 4 };

typedef struct Column {
    const char *title;
    bool        right; /* numbers */
    bool        whole; /* the first column: what is too wide for it gets a line of its own; other cells are cut */
    size_t      width;
} Column;

typedef struct Table {
    Text  *out;
    int    count;
    size_t gap; /* between columns; 0: not decided yet */
    Column columns[MDL_TABLE_COLUMNS];
    bool   shortened; /* a cell did not fit */
} Table;

/* Makes every column as wide as its cell. */
void mdl_table_widen(Table *t, const char *const *cells);
/* When all cells are measured: brings lines to `width`, an option of the manifest, first by smaller gaps and then by taking
 * from column `i`. */
void mdl_table_fit(Table *t, int i, int width);
void mdl_table_titles(Table *t);
void mdl_table_row(Table *t, const char *const *cells);

#endif
