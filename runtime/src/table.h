/* A table of text columns: measured first, then printed. */
#ifndef MDL_TABLE_H
#define MDL_TABLE_H

#include "text.h"

enum { MDL_TABLE_COLUMNS = 4 };

typedef struct Column {
    const char *title;
    bool        right; /* numbers */
    bool        path;  /* shortened in the middle, between components; other cells are cut at the end */
    size_t      width;
} Column;

typedef struct Table {
    Text  *out;
    int    count;
    Column columns[MDL_TABLE_COLUMNS];
    bool   shortened; /* a cell did not fit */
} Table;

/* Makes every column as wide as its cell. */
void mdl_table_widen(Table *t, const char *const *cells);
/* When all cells are measured: takes from column `i` what makes a line too long for `width`, an option of the manifest. */
void mdl_table_fit(Table *t, int i, int width);
void mdl_table_titles(Table *t);
void mdl_table_row(Table *t, const char *const *cells);

#endif
