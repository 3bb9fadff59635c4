/* A pool from the inside: threads.c makes it, parallel.c hands work over. */
#ifndef MDL_THREADS_H
#define MDL_THREADS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include <mdl/mdl.h>

#include "parallel.h"

/* What different threads write lies this far apart: two lines of a cache, which some processors fetch in pairs. */
enum { APART = 128 };

/* A thread of the pool: the caller, the first, or a worker. Some of the parts, neighbours, are its own to begin with. */
typedef struct Member {
    _Atomic uint64_t taken; /* number of the work << 16 | how many of its own parts are taken, by whomever */
    mdl_threads     *pool;
    pthread_t        thread;
    char             apart[APART];
} Member;

struct mdl_threads {
    int               count; /* with the caller, as asked for */
    mdl_parallel_run *run;   /* the caller's pool; NULL: `members` */
    void             *context;
    Member           *members;
    int               running; /* of them, with the caller */
    double            worth;   /* the work of a part, at least */
    unsigned          forks;   /* mdl_forks() when it was made */
    bool              waking;  /* the work at hand is worth it */
    bool              spread;  /* threads have shared work in this call: its values lie in the caches of all */
    double            missed;  /* work since the last waking that sleeping workers could have shared */
    char              apart[APART];

    _Atomic uint64_t posted; /* number of the work << 16 | its parts */
    Part            *part;
    void            *argument;
    char             apart_from_work[APART];

    atomic_int left; /* parts that are not done yet */
    char       apart_from_left[APART];

    pthread_mutex_t mutex;
    pthread_cond_t  wake;
    atomic_int      sleeping;
    atomic_bool     stop;
};

/* What a worker does until the pool stops. */
void *mdl_work_along(void *member);

/* As mdl_threads_create, with so many workers beside the caller, whatever processors there are. */
mdl_status mdl_threads_start(int count, int workers, mdl_threads **threads, mdl_error *error);

/* How often this process, since it knows of threads, has become the child of a fork, which has none of its parent's workers. */
unsigned mdl_forks(void);

#endif
