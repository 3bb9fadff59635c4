#include "passes.h"

void pass_dedupe(PassContext *cx)
{
    (void)cx;
}
