/* Pools of threads: made, wrapped around the caller's, freed. What they do is in parallel.c. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* sched_getaffinity, where there is Linux */
#endif

#include "threads.h"

#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

enum { MAX_THREADS = 256 };

/* In multiply-adds, of which a thread does some ten to sixty in a nanosecond: handing over takes 0.1 to 0.3 microseconds if workers look
 * out for work. What the program's own pool takes nobody knows. */
#define WORTH_A_PART 50000.0
#define WORTH_A_PART_ELSEWHERE 500000.0

int mdl_threads_count(const mdl_threads *t)
{
    return t->count;
}

/* Those that this process may run on. */
static int processors(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
#if defined(__linux__)
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) n = CPU_COUNT(&set);
#endif
    return n < 1 ? 1 : n > MAX_THREADS ? MAX_THREADS : (int)n;
}

/* ---- forks ---- */

static atomic_uint forks;

static void count_fork(void)
{
    atomic_fetch_add(&forks, 1);
}

static void watch_forks(void)
{
    pthread_atfork(NULL, NULL, count_fork);
}

unsigned mdl_forks(void)
{
    return atomic_load_explicit(&forks, memory_order_relaxed);
}

/* ---- pools ---- */

static mdl_status no_memory(mdl_error *error)
{
    return mdl_fail(error, MDL_NO_MEMORY, "there is not enough memory for threads");
}

static mdl_status make(int count, mdl_threads **threads, mdl_error *error)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    *threads = NULL;
    if (count < 0 || count > MAX_THREADS) {
        return mdl_fail(error, MDL_USAGE, "threads are from 1 to %d, or 0 for one a processor, not %d", MAX_THREADS, count);
    }
    mdl_threads *t = calloc(1, sizeof *t);
    if (t == NULL) return no_memory(error);
    pthread_once(&once, watch_forks);
    t->count = count > 0 ? count : processors();
    t->running = 1;
    t->worth = WORTH_A_PART;
    t->forks = mdl_forks();
    pthread_mutex_init(&t->mutex, NULL);
    pthread_cond_init(&t->wake, NULL);
    *threads = t;
    return MDL_OK;
}

static mdl_status start(mdl_threads *t, int workers, mdl_error *error)
{
    t->members = calloc((size_t)workers + 1, sizeof *t->members);
    if (t->members == NULL) return no_memory(error);
    for (int i = 0; i <= workers; i++) t->members[i].pool = t;
    for (int i = 1; i <= workers; i++) {
        if (pthread_create(&t->members[i].thread, NULL, mdl_work_along, &t->members[i]) != 0) {
            return mdl_fail(error, MDL_NO_MEMORY, "the system gives no more than %d threads", i);
        }
        t->running++;
    }
    return MDL_OK;
}

mdl_status mdl_threads_start(int count, int workers, mdl_threads **threads, mdl_error *error)
{
    mdl_status status = make(count, threads, error);
    if (status == MDL_OK) status = start(*threads, workers, error);
    if (status == MDL_OK) return MDL_OK;
    mdl_threads_free(*threads);
    *threads = NULL;
    return status;
}

/* Threads that have no processor only take turns with the others: they'd make calls slower. */
mdl_status mdl_threads_create(int count, mdl_threads **threads, mdl_error *error)
{
    const int most = processors(), wanted = count > 0 ? count : most;
    return mdl_threads_start(count, (wanted < most ? wanted : most) - 1, threads, error);
}

mdl_status mdl_threads_wrap(int count, mdl_parallel_run *run, void *context, mdl_threads **threads, mdl_error *error)
{
    const mdl_status status = make(count, threads, error);
    if (status != MDL_OK) return status;
    (*threads)->run = run;
    (*threads)->context = context;
    (*threads)->worth = WORTH_A_PART_ELSEWHERE;
    return MDL_OK;
}

/* Its workers end, but in the child of a fork, which has none of them; what they wait for can't be freed there. */
static void end_workers(mdl_threads *t)
{
    pthread_mutex_lock(&t->mutex);
    atomic_store(&t->stop, true);
    pthread_cond_broadcast(&t->wake);
    pthread_mutex_unlock(&t->mutex);
    for (int i = 1; i < t->running; i++) pthread_join(t->members[i].thread, NULL);
    pthread_cond_destroy(&t->wake);
    pthread_mutex_destroy(&t->mutex);
}

void mdl_threads_free(mdl_threads *t)
{
    if (t == NULL) return;
    if (t->forks == mdl_forks()) end_workers(t);
    free(t->members);
    free(t);
}
