#include "passes.h"

void pass_roll(PassContext *cx)
{
    (void)cx;
}
