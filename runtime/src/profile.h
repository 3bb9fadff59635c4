/* Where the time of calls goes, for programs that were built with `mdlc build --profile`: a tree of steps and of calls. */
#ifndef MDL_PROFILE_H
#define MDL_PROFILE_H

#include <mdl/mdl_code.h>

/* A step, at one place in the tree of calls. */
typedef struct ProfileNode {
    const mdl_step *step;              /* NULL: the call of the model */
    size_t          parent, child, next; /* places in `at`; 0: none */
    uint64_t        ns, times;         /* of itself, without what it calls */
    double          flops;             /* of a product or convolution: the operations of the plain sums */
} ProfileNode;

typedef struct Profile {
    ProfileNode *at; /* the first is the call of the model */
    size_t       count, room;
    size_t       frame, now; /* the call that is in progress, and the step of it */
    uint64_t     since;
    bool         failed;     /* there was no memory for a step */
} Profile;

/* Zero-initialise a Profile. What this thread calls from here on is added to it, until mdl_profile_end; one call after the other
 * without these around each would count what lies between. */
void mdl_profile_begin(Profile *p);
void mdl_profile_end(Profile *p);
void mdl_profile_free(Profile *p);

#endif
