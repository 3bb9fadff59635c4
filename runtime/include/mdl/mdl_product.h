/* How mdl_pack_columns lays the columns of a matrix, for the kernels and for small products in line (mdl_small.h). */
#ifndef MDL_PRODUCT_H
#define MDL_PRODUCT_H

enum { MDL_SMALL_ROWS = 4, MDL_SMALL_PANEL = 64, MDL_SMALL_STEP = 16 };

#endif
