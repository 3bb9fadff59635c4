/* What a tensor holds, in a few lines. */
#include <stdio.h>

#include "cli.h"
#include "dtype.h"

typedef struct Range {
    double   low, high, sum;
    uint64_t odd; /* NaN and infinities, which the rest leaves out */
} Range;

static Range range_of(const mdl_tensor *t, uint64_t count)
{
    Range r = {0};
    bool  any = false;
    for (uint64_t i = 0; i < count; i++) {
        const double v = mdl_load(t->dtype, t->data, (size_t)i);
        if (v - v != 0) {
            r.odd++;
            continue;
        }
        if (!any || v < r.low) r.low = v;
        if (!any || v > r.high) r.high = v;
        r.sum += v;
        any = true;
    }
    return r;
}

void mdl_cli_summary(const char *name, const mdl_tensor *t)
{
    enum { SHOWN = 6 };
    uint64_t count = 1;
    printf("%s   %s[", name, mdl_dtype_name(t->dtype));
    for (int i = 0; i < t->rank; i++) {
        printf("%s%lld", i > 0 ? ", " : "", (long long)t->shape[i]);
        count *= (uint64_t)t->shape[i];
    }
    printf("]\n");
    if (count == 0) return;
    const Range r = range_of(t, count);
    if (r.odd > 0) printf("  %llu of %llu values are not finite\n", (unsigned long long)r.odd, (unsigned long long)count);
    if (r.odd < count) printf("  min %.6g   mean %.6g   max %.6g\n", r.low, r.sum / (double)(count - r.odd), r.high);
    printf("  values");
    for (uint64_t i = 0; i < count && i < SHOWN; i++) printf("  %.6g", mdl_load(t->dtype, t->data, (size_t)i));
    printf("%s\n", count > SHOWN ? "  ..." : "");
}
