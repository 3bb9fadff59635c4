/* The threads of a call: a small pool, or the caller's own.
 *
 * `state` says what is to be done: a number for each piece of work, how many parts it has, and how many of them are taken. A
 * thread takes a part by a compare-and-swap of the whole, so that one that wakes too late finds nothing, and nobody waits for it.
 * Workers look out for work for some microseconds, then sleep. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include <mdl/mdl.h>
#include <mdl/mdl_code.h>

#include "parallel.h"

enum { MAX_THREADS = 256, LOOKS = 4000, PARTS_A_THREAD = 2 };
#define WORTH_A_PART 50000.0 /* multiply-adds: a few microseconds, many times what it costs to begin */

struct mdl_threads {
    int           count; /* with the caller */
    mdl_parallel_run *run; /* the caller's pool; NULL: `workers` */
    void         *context;
    pthread_t    *workers;
    int           started;

    _Atomic uint64_t state; /* number << 32 | parts << 16 | taken */
    atomic_int       left;  /* parts that are not done yet */
    Part            *part;
    void            *argument;

    pthread_mutex_t mutex;
    pthread_cond_t  wake;
    atomic_int      sleeping;
    atomic_bool     stop;
};

/* The pool of the call that this thread is in. */
static _Thread_local mdl_threads *current;

static void pause_briefly(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* ---- work ---- */

static bool has_work(uint64_t state)
{
    return (state & 0xffff) < (state >> 16 & 0xffff);
}

/* Takes parts and does them until none is left. */
static void work(mdl_threads *t)
{
    uint64_t state = atomic_load_explicit(&t->state, memory_order_acquire);
    while (has_work(state)) {
        if (!atomic_compare_exchange_weak_explicit(&t->state, &state, state + 1, memory_order_acquire, memory_order_acquire)) continue;
        t->part(t->argument, (int)(state & 0xffff));
        atomic_fetch_sub_explicit(&t->left, 1, memory_order_release);
        state = atomic_load_explicit(&t->state, memory_order_acquire);
    }
}

static bool look_for_work(mdl_threads *t)
{
    for (int i = 0; i < LOOKS; i++) {
        if (has_work(atomic_load_explicit(&t->state, memory_order_relaxed))) return true;
        pause_briefly();
    }
    return false;
}

static void sleep_until_work(mdl_threads *t)
{
    pthread_mutex_lock(&t->mutex);
    atomic_fetch_add(&t->sleeping, 1);
    while (!has_work(atomic_load(&t->state)) && !atomic_load(&t->stop)) pthread_cond_wait(&t->wake, &t->mutex);
    atomic_fetch_sub(&t->sleeping, 1);
    pthread_mutex_unlock(&t->mutex);
}

static void *worker(void *threads)
{
    mdl_threads *t = threads;
    while (!atomic_load_explicit(&t->stop, memory_order_relaxed)) {
        if (!look_for_work(t)) sleep_until_work(t);
        work(t);
    }
    return NULL;
}

static void wake_sleepers(mdl_threads *t)
{
    if (atomic_load(&t->sleeping) == 0) return;
    pthread_mutex_lock(&t->mutex);
    pthread_cond_broadcast(&t->wake);
    pthread_mutex_unlock(&t->mutex);
}

static void share(mdl_threads *t, int parts, Part *part, void *argument)
{
    const uint64_t number = atomic_load_explicit(&t->state, memory_order_relaxed) >> 32;
    t->part = part;
    t->argument = argument;
    atomic_store_explicit(&t->left, parts, memory_order_relaxed);
    atomic_store(&t->state, (number + 1) << 32 | (uint64_t)parts << 16);
    wake_sleepers(t);
    work(t);
    for (int i = 0; atomic_load_explicit(&t->left, memory_order_acquire) > 0; i++) {
        if (i < LOOKS) pause_briefly();
        else sched_yield(); /* whoever has the last part may wait for a processor */
    }
}

int mdl_parts(double work)
{
    if (current == NULL) return 1;
    const double most = work / WORTH_A_PART;
    const int    parts = PARTS_A_THREAD * current->count;
    return most >= parts ? parts : most >= 2 ? (int)most : 1;
}

void mdl_parallel(int parts, Part *part, void *argument)
{
    mdl_threads *t = current;
    if (t == NULL || parts < 2) {
        for (int i = 0; i < parts; i++) part(argument, i);
        return;
    }
    current = NULL; /* what the parts call shares no further */
    if (t->run != NULL) t->run(t->context, part, argument, parts);
    else share(t, parts, part, argument);
    current = t;
}

mdl_threads *mdl_threads_enter(mdl_threads *threads)
{
    mdl_threads *before = current;
    current = threads != NULL && threads->count > 1 ? threads : NULL;
    return before;
}

void mdl_threads_leave(mdl_threads *before)
{
    current = before;
}

/* ---- pools ---- */

int mdl_threads_count(const mdl_threads *t)
{
    return t->count;
}

static int processors(void)
{
    const long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > MAX_THREADS ? MAX_THREADS : (int)n;
}

static mdl_status start(mdl_threads *t, mdl_error *error)
{
    t->workers = calloc((size_t)t->count, sizeof *t->workers);
    if (t->workers == NULL) return mdl_fail(error, MDL_NO_MEMORY, "there is not enough memory for threads");
    for (; t->started < t->count - 1; t->started++) {
        if (pthread_create(&t->workers[t->started], NULL, worker, t) != 0) {
            return mdl_fail(error, MDL_NO_MEMORY, "the system gives no more than %d threads", t->started + 1);
        }
    }
    return MDL_OK;
}

static mdl_status make(int count, mdl_threads **threads, mdl_error *error)
{
    *threads = NULL;
    if (count < 0 || count > MAX_THREADS) {
        return mdl_fail(error, MDL_USAGE, "threads are from 1 to %d, or 0 for one a processor, not %d", MAX_THREADS, count);
    }
    mdl_threads *t = calloc(1, sizeof *t);
    if (t == NULL) return mdl_fail(error, MDL_NO_MEMORY, "there is not enough memory for threads");
    t->count = count > 0 ? count : processors();
    pthread_mutex_init(&t->mutex, NULL);
    pthread_cond_init(&t->wake, NULL);
    *threads = t;
    return MDL_OK;
}

mdl_status mdl_threads_create(int count, mdl_threads **threads, mdl_error *error)
{
    mdl_status status = make(count, threads, error);
    if (status == MDL_OK) status = start(*threads, error);
    if (status == MDL_OK) return MDL_OK;
    mdl_threads_free(*threads);
    *threads = NULL;
    return status;
}

mdl_status mdl_threads_wrap(int count, mdl_parallel_run *run, void *context, mdl_threads **threads, mdl_error *error)
{
    const mdl_status status = make(count, threads, error);
    if (status != MDL_OK) return status;
    (*threads)->run = run;
    (*threads)->context = context;
    return MDL_OK;
}

void mdl_threads_free(mdl_threads *t)
{
    if (t == NULL) return;
    pthread_mutex_lock(&t->mutex);
    atomic_store(&t->stop, true);
    pthread_cond_broadcast(&t->wake);
    pthread_mutex_unlock(&t->mutex);
    for (int i = 0; i < t->started; i++) pthread_join(t->workers[i], NULL);
    pthread_cond_destroy(&t->wake);
    pthread_mutex_destroy(&t->mutex);
    free(t->workers);
    free(t);
}
