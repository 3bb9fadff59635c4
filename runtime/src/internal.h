/* Small things that many files of the runtime need. */
#ifndef MDL_INTERNAL_H
#define MDL_INTERNAL_H

#include <mdl/mdl.h>

#define countof(a) (sizeof(a) / sizeof *(a))

/* Fails with the usual words for a status that carries no more. */
mdl_status mdl_fail_status(mdl_error *error, mdl_status status);
/* `a` and `b` may be NULL where the rank is 0. */
bool mdl_same_shape(int rank_a, const int64_t *a, int rank_b, const int64_t *b);

/* Whether elements of the initializer can be made one by one at no more cost than together. */
bool mdl_initializer_is_local(const mdl_initializer *init);

#endif
