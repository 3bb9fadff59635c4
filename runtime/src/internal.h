/* Small things that many files of the runtime need. */
#ifndef MDL_INTERNAL_H
#define MDL_INTERNAL_H

#include <mdl/mdl.h>

#define countof(a) (sizeof(a) / sizeof *(a))

/* Fails with the usual words for a status that carries no more. */
mdl_status mdl_fail_status(mdl_error *error, mdl_status status);

#endif
