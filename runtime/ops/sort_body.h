/* Included by sort.c for each element type and order: sorts e[0], e[s], ..., e[(n-1)*s]. */

#define CONCAT_(a, b) a##b
#define CONCAT(a, b)  CONCAT_(a, b)
#define INSERTION     CONCAT(SORT, _insertion)
#define SIFT          CONCAT(SORT, _sift)
#define HEAP          CONCAT(SORT, _heap)
#define MEDIAN        CONCAT(SORT, _median)

static void INSERTION(E *e, int64_t s, int64_t n, const Line *line)
{
    (void)line;
    for (int64_t i = 1; i < n; i++) {
        const E value = e[i * s];
        int64_t at = i;
        for (; at > 0 && BEFORE(value, e[(at - 1) * s]); at--) e[at * s] = e[(at - 1) * s];
        e[at * s] = value;
    }
}

static void SIFT(E *e, int64_t s, int64_t n, int64_t at, const Line *line)
{
    const E value = e[at * s];
    (void)line;
    for (int64_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && BEFORE(e[child * s], e[(child + 1) * s])) child++;
        if (!BEFORE(value, e[child * s])) break;
        e[at * s] = e[child * s];
    }
    e[at * s] = value;
}

static void HEAP(E *e, int64_t s, int64_t n, const Line *line)
{
    for (int64_t i = n / 2 - 1; i >= 0; i--) SIFT(e, s, n, i, line);
    for (int64_t end = n - 1; end > 0; end--) {
        const E last = e[end * s];
        e[end * s] = e[0];
        e[0] = last;
        SIFT(e, s, end, 0, line);
    }
}

static E MEDIAN(E a, E b, E c, const Line *line)
{
    (void)line;
    if (BEFORE(b, a)) {
        const E t = a;
        a = b, b = t;
    }
    return BEFORE(c, a) ? a : BEFORE(b, c) ? b : c;
}

/* Recursion goes into the smaller part, so its depth is at most log2(n). */
static void SORT(E *e, int64_t s, int64_t n, int patience, const Line *line)
{
    while (n > SHORT) {
        const E pivot = MEDIAN(e[0], e[n / 2 * s], e[(n - 1) * s], line);
        int64_t i = -1, j = n;
        if (patience-- == 0) {
            HEAP(e, s, n, line);
            return;
        }
        while (true) { /* Hoare's partition: [0, j] is not after the pivot, (j, n) not before it */
            E t;
            do i++;
            while (BEFORE(e[i * s], pivot));
            do j--;
            while (BEFORE(pivot, e[j * s]));
            if (i >= j) break;
            t = e[i * s];
            e[i * s] = e[j * s];
            e[j * s] = t;
        }
        if (i == 0 || j == n - 1) { /* the pivot is extreme: nothing would be split off */
            HEAP(e, s, n, line);
            return;
        }
        if (j + 1 < n - j - 1) {
            SORT(e, s, j + 1, patience, line);
            e += (j + 1) * s;
            n -= j + 1;
        } else {
            SORT(e + (j + 1) * s, s, n - j - 1, patience, line);
            n = j + 1;
        }
    }
    INSERTION(e, s, n, line);
}

#undef MEDIAN
#undef HEAP
#undef SIFT
#undef INSERTION
#undef CONCAT
#undef CONCAT_
#undef E
#undef SORT
#undef BEFORE
