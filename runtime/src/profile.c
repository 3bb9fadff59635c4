/* Generated code says which step begins, and when it enters and leaves a function. The time from one such moment to the next
 * goes to the step that was in progress; the time of finding its node goes to nobody. */
#include "profile.h"

#include <stdlib.h>

#include "clock.h"

/* The one that this thread's calls are added to. */
static _Thread_local Profile *active;

static void charge(Profile *p)
{
    p->at[p->now].ns += mdl_clock_ns() - p->since;
}

/* The place of a new node; 0, which is the call itself, if there is no memory. */
static size_t add(Profile *p, const mdl_step *step, size_t parent)
{
    if (p->count == p->room) {
        const size_t room = p->room > 0 ? 2 * p->room : 256;
        ProfileNode *at = realloc(p->at, room * sizeof *at);
        if (at == NULL) {
            p->failed = true;
            return 0;
        }
        p->at = at;
        p->room = room;
    }
    p->at[p->count] = (ProfileNode){.step = step, .parent = parent};
    return p->count++;
}

/* The frame's child for the step: the one behind the last, as in the call before, or else looked for. */
static size_t child_of(Profile *p, const mdl_step *step)
{
    size_t last = 0;
    if (p->now != p->frame) {
        const size_t next = p->at[p->now].next;
        if (next != 0 && p->at[next].step == step) return next;
    }
    for (size_t i = p->at[p->frame].child; i != 0; i = p->at[i].next) {
        if (p->at[i].step == step) return i;
        last = i;
    }
    const size_t made = add(p, step, p->frame);
    if (made == 0) return p->frame;
    if (last != 0) p->at[last].next = made;
    else p->at[p->frame].child = made;
    return made;
}

void mdl_profile_step(const mdl_step *step)
{
    Profile *p = active;
    if (p == NULL) return;
    charge(p);
    p->now = child_of(p, step);
    p->at[p->now].times++;
    p->since = mdl_clock_ns();
}

void mdl_profile_work(double flops)
{
    if (active != NULL) active->at[active->now].flops += flops;
}

void mdl_profile_enter(void)
{
    if (active != NULL) active->frame = active->now;
}

void mdl_profile_leave(void)
{
    Profile *p = active;
    if (p == NULL) return;
    charge(p);
    p->now = p->frame;
    p->frame = p->at[p->frame].parent;
    p->since = mdl_clock_ns();
}

void mdl_profile_begin(Profile *p)
{
    if (p->count == 0 && (add(p, NULL, 0), p->failed)) return;
    p->frame = p->now = 0;
    p->at[0].times++;
    active = p;
    p->since = mdl_clock_ns();
}

void mdl_profile_end(Profile *p)
{
    if (active != p) return;
    charge(p);
    active = NULL;
}

void mdl_profile_free(Profile *p)
{
    free(p->at);
    *p = (Profile){0};
}
