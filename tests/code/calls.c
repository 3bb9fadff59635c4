/* Calls of a generated model as an embedded program makes them: static buffers of the size that the header says, no allocation,
 * and two threads with a workspace and states each that get what one alone gets. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bounded.h"

enum { BATCH = 5, TIME = 9, CALLS = 20, CHANNELS = 14 };

static int allocations; /* while `watched` */
static int watched;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size) { return allocations += watched, __real_malloc(size); }
void *__wrap_calloc(size_t n, size_t size) { return allocations += watched, __real_calloc(n, size); }
void *__wrap_aligned_alloc(size_t a, size_t size) { return allocations += watched, __real_aligned_alloc(a, size); }

typedef struct Stream {
    const Bounded_weights *weights;
    Bounded_states         states;
    float                  x[BATCH * TIME * 3], y[BATCH * TIME * CHANNELS], totals[CALLS];
    int32_t                ids[BATCH * TIME];
    _Alignas(64) char      workspace[Bounded_WORKSPACE_BYTES];
    mdl_error              error;
    int                    failed;
} Stream;

static Stream alone, streams[2];

static void *run(void *data)
{
    Stream *s = data;
    Bounded_reset(s->weights, &s->states);
    for (int k = 0; k < CALLS && !s->failed; k++) {
        const int64_t batch = 1 + k % BATCH, time = 1 + k % TIME;
        for (int i = 0; i < BATCH * TIME * 3; i++) s->x[i] = (float)((i * 7 + k) % 11) / 11 - 0.4f;
        for (int i = 0; i < BATCH * TIME; i++) s->ids[i] = (i * 5 + k) % TIME;
        memset(s->workspace, 0xff, sizeof s->workspace);
        s->failed |= Bounded_workspace_size(batch, time) > Bounded_WORKSPACE_BYTES;
        s->failed |= Bounded_call(s->weights, &s->states, batch, time, s->x, s->ids, s->y, &s->totals[k], s->workspace, NULL, &s->error) != MDL_OK;
    }
    return NULL;
}

static int fail(const char *what)
{
    fprintf(stderr, "%s\n", what);
    return 1;
}

/* Weights whose pointers a program sets itself: a call refuses them until they are prepared. */
static const char *prepare_by_hand(const Bounded_weights *weights)
{
    static _Alignas(64) char memory[Bounded_PREPARED_BYTES];
    static Stream            own;
    mdl_error                error = {MDL_OK, ""};
    Bounded_weights          w = *weights;
    memset(memory, 0xff, sizeof memory);
    w.prepared = 0;
    own.weights = &w;
    run(&own);
    if (!own.failed || own.error.status != MDL_USAGE || !strstr(own.error.message, "Bounded_prepare")) return "weights that are not prepared are not refused";
    if (Bounded_prepare(&w, memory, NULL, &error)) return "the weights are not prepared";
    own.failed = 0;
    run(&own);
    return memcmp(own.totals, alone.totals, sizeof alone.totals) ? "prepared by hand, the weights give something else" : NULL;
}

int main(void)
{
    mdl_model *model = NULL;
    mdl_error  error = {MDL_OK, ""};
    if (Bounded_create(&model, &error) || mdl_model_init(model, 1, &error)) return fail(error.message);
    alone.weights = streams[0].weights = streams[1].weights = mdl_model_weights(model);
    watched = 1;
    run(&alone);
    watched = 0;
    if (allocations) return fail("a call allocated memory");
    if (alone.failed) return fail(alone.error.message);
    if (alone.totals[CALLS - 1] == alone.totals[0]) return fail("the state did not change");
    if (Bounded_workspace_size(BATCH, TIME) != Bounded_WORKSPACE_BYTES) return fail("the bound of the workspace is not reached");

    const char *wrong = prepare_by_hand(alone.weights);
    if (wrong) return fail(wrong);

    pthread_t threads[2];
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, run, &streams[i]);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    for (int i = 0; i < 2; i++) {
        if (streams[i].failed || memcmp(streams[i].totals, alone.totals, sizeof alone.totals)) return fail("two threads disturb each other");
    }
    if (Bounded_call(alone.weights, &alone.states, BATCH + 1, 1, alone.x, alone.ids, alone.y, alone.totals, alone.workspace, NULL, &error) == MDL_OK) return fail("the bound is not checked");
    Bounded_free(model);
    puts("ok");
    return 0;
}
