/* Handing work over to the threads of a call.
 *
 * The caller posts a number for the work and how many parts it has. Each thread takes the parts that are its own, the same ones
 * whenever there are as many, so that what it wrote in one kernel lies in its cache for the next; then what is left of others'. A
 * part is taken by a compare-and-swap of the number with the count, so that one that comes too late finds nothing, nobody waits
 * for it, and nothing need be reset. Workers look out for work for half a millisecond, then sleep. */
#include "threads.h"

#include <sched.h>

#include <mdl/mdl_isa.h>

#include "../src/clock.h"

enum {
    PARTS_A_THREAD = 2,  /* so that one that is held up has the less of it */
    LOOK_NS = 500000,    /* the time in which small steps between large ones, or between calls, should be over */
    LOOKS = 64,          /* between two readings of the clock */
    PATIENCE = 4000      /* looks at who is not done yet */
};

/* In multiply-adds, of which a thread does some ten to sixty in a nanosecond. On a virtual machine waking a worker that sleeps takes the
 * caller eight microseconds, and it begins after fourteen. So a large piece of work is worth waking for; and smaller ones, if by then
 * so many were missed that waking is 3 % of them. */
#define WORTH_WAKING 2e6
#define MISSED_ENOUGH 16e6

/* An element that another thread wrote, in its cache: 20 nanoseconds for a line, which is what reading all from one's own cache is
 * faster by. So once values are spread over the threads' caches, what works on them is shared as soon as handing over pays; and before,
 * only what computes long with each. */
#define FETCHING 32.0
#define WORTH_FETCHING 80.0

/* The pool of the call that this thread is in. */
static _Thread_local mdl_threads *current;

static void pause_briefly(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb"); /* yield does nothing there */
#endif
}

/* ---- work ---- */

/* Takes one of the parts that are the member's to begin with: its number, or -1. What is posted under `number` can't be done before
 * they are, so a part that is taken is there to be worked on; a later number means that the work is done. */
static int take(mdl_threads *t, int member, uint64_t number, int parts)
{
    Member *const m = &t->members[member];
    const int     first = parts * member / t->running, end = parts * (member + 1) / t->running;
    uint64_t      taken = atomic_load_explicit(&m->taken, memory_order_relaxed);
    while (taken >> 16 <= number) {
        const int next = first + (taken >> 16 == number ? (int)(taken & 0xffff) : 0);
        if (next >= end) return -1;
        const uint64_t more = number << 16 | (uint64_t)(next + 1 - first);
        if (atomic_compare_exchange_weak_explicit(&m->taken, &taken, more, memory_order_relaxed, memory_order_relaxed)) return next;
    }
    return -1;
}

/* Does a member's own parts, then those of others, until none is left. */
static void work(mdl_threads *t, int own, uint64_t posted)
{
    const uint64_t number = posted >> 16;
    const int      parts = (int)(posted & 0xffff);
    int            done = 0;
    for (int i = 0; i < t->running; i++) {
        const int whose = own + i < t->running ? own + i : own + i - t->running;
        for (int next; (next = take(t, whose, number, parts)) >= 0; done++) t->part(t->argument, next);
    }
    if (done > 0) atomic_fetch_sub_explicit(&t->left, done, memory_order_release);
}

/* ---- workers ---- */

static bool is_news(mdl_threads *t, uint64_t seen)
{
    return atomic_load_explicit(&t->posted, memory_order_relaxed) != seen;
}

static bool look_for_work(mdl_threads *t, uint64_t seen)
{
    const uint64_t start = mdl_clock_ns();
    do {
        for (int i = 0; i < LOOKS; i++) {
            if (is_news(t, seen)) return true;
            pause_briefly();
        }
    } while (mdl_clock_ns() - start < LOOK_NS && !atomic_load_explicit(&t->stop, memory_order_relaxed));
    return false;
}

/* One wakes the next, which leaves the caller free to work. */
static void sleep_until_work(mdl_threads *t, uint64_t seen)
{
    pthread_mutex_lock(&t->mutex);
    atomic_fetch_add(&t->sleeping, 1);
    while (atomic_load(&t->posted) == seen && !atomic_load(&t->stop)) pthread_cond_wait(&t->wake, &t->mutex);
    if (atomic_fetch_sub(&t->sleeping, 1) > 1) pthread_cond_signal(&t->wake);
    pthread_mutex_unlock(&t->mutex);
}

void *mdl_work_along(void *member)
{
    Member *const      m = member;
    mdl_threads *const t = m->pool;
    uint64_t           seen = 0;
    while (!atomic_load_explicit(&t->stop, memory_order_relaxed)) {
        if (!look_for_work(t, seen)) sleep_until_work(t, seen);
        seen = atomic_load_explicit(&t->posted, memory_order_acquire);
        work(t, (int)(m - t->members), seen);
    }
    return NULL;
}

static void wake_sleepers(mdl_threads *t)
{
    if (atomic_load(&t->sleeping) == 0) return;
    pthread_mutex_lock(&t->mutex);
    pthread_cond_signal(&t->wake);
    pthread_mutex_unlock(&t->mutex);
}

/* ---- the caller ---- */

static void share(mdl_threads *t, int parts, Part *part, void *argument)
{
    const uint64_t number = (atomic_load_explicit(&t->posted, memory_order_relaxed) >> 16) + 1;
    const uint64_t posted = number << 16 | (uint64_t)parts;
    t->part = part;
    t->argument = argument;
    atomic_store_explicit(&t->left, parts, memory_order_relaxed);
    atomic_store(&t->posted, posted);
    if (t->waking) wake_sleepers(t);
    work(t, 0, posted);
    for (int i = 0; atomic_load_explicit(&t->left, memory_order_acquire) > 0; i++) {
        if (i < PATIENCE) pause_briefly();
        else sched_yield(); /* whoever has the last part may wait for a processor */
    }
}

/* How many threads this work is for, with the caller. Not for those that sleep, unless waking them pays. */
static int hands(mdl_threads *t, double work)
{
    if (t->run != NULL) return t->count;
    const int sleeping = atomic_load_explicit(&t->sleeping, memory_order_relaxed);
    t->waking = sleeping > 0 && (work >= WORTH_WAKING || t->missed + work >= MISSED_ENOUGH);
    if (sleeping == 0) return t->running;
    t->missed = t->waking ? 0 : t->missed + work;
    return t->waking ? t->running : t->running - sleeping;
}

int mdl_parts(double work)
{
    if (current == NULL) return 1;
    const double most = work / current->worth;
    if (most < 2) return 1;
    const int threads = hands(current, work), parts = threads > 1 ? PARTS_A_THREAD * threads : 1;
    current->spread |= threads > 1;
    return most >= parts ? parts : (int)most;
}

int mdl_hands(double work)
{
    return (mdl_parts(work) + 1) / PARTS_A_THREAD;
}

int mdl_parts_over(double elements, double cost)
{
    if (current == NULL || (!current->spread && cost < WORTH_FETCHING)) return 1;
    return mdl_parts(elements * (current->spread ? cost + FETCHING : cost));
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

typedef struct Loop {
    int64_t     rows, grain;
    mdl_range  *run;
    const void *context;
    int         parts;
} Loop;

static void loop_part(void *argument, int i)
{
    const Loop *const l = argument;
    l->run(l->context, part_begin(l->rows, l->grain, l->parts, i), part_begin(l->rows, l->grain, l->parts, i + 1));
}

/* Parts of many rows begin at multiples of a cache's line: no two threads write the same one. */
void mdl_share_loop(int64_t rows, int64_t width, double cost, mdl_range *run, const void *context)
{
    enum { LINE = 64, MANY = 1024 };
    const int most = mdl_parts_over((double)rows * (double)width, cost), parts = rows < most ? (int)rows : most;
    if (parts < 2) run(context, 0, rows);
    else mdl_parallel(parts, loop_part, &(Loop){rows, rows / parts >= MANY ? LINE : 1, run, context, parts});
}

typedef struct Steps {
    int64_t     rows, align;
    mdl_steps  *run;
    const void *context;
    mdl_error  *error;
    int         parts;
    mdl_status  status;
    atomic_flag failed;
} Steps;

/* Of several errors the first one counts. */
static void steps_part(void *argument, int i)
{
    Steps *const     l = argument;
    mdl_error        error = {MDL_OK, ""};
    const mdl_status status = l->run(l->context, part_begin(l->rows, l->align, l->parts, i), part_begin(l->rows, l->align, l->parts, i + 1), &error);
    if (status == MDL_OK || atomic_flag_test_and_set(&l->failed)) return;
    l->status = status;
    if (l->error != NULL) *l->error = error;
}

/* Products of fewer rows may take another way, with sums in another order; those of bfloat16 look at all values first. */
mdl_status mdl_share_steps(int64_t rows, int64_t align, double work, mdl_steps *run, const void *context, mdl_error *error)
{
    enum { LEAST_ROWS = 16 };
    const int most = rows < 2 * LEAST_ROWS || mdl_isa_found() == MDL_AVX512_BF16 ? 1 : mdl_hands(work);
    const int parts = rows / LEAST_ROWS < most ? (int)(rows / LEAST_ROWS) : most;
    if (parts < 2 || 2 * parts < most) return run(context, 0, rows, error);
    Steps steps = {rows, align, run, context, error, parts, MDL_OK, ATOMIC_FLAG_INIT};
    mdl_parallel(parts, steps_part, &steps);
    return steps.status;
}

mdl_threads *mdl_threads_enter(mdl_threads *threads)
{
    mdl_threads *before = current;
    current = threads != NULL && threads->count > 1 && (threads->run != NULL || threads->forks == mdl_forks()) ? threads : NULL;
    if (current != NULL) current->spread = false;
    return before;
}

void mdl_threads_leave(mdl_threads *before)
{
    current = before;
}
