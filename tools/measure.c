/* measure RUNS COMMAND...: runs it so often, output thrown away, and prints the median of the milliseconds from start to exit, the
 * median of those on a processor, and the largest resident set in KiB. A small program, so that what it measures does not inherit its size. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    const int runs = argc > 2 ? atoi(argv[1]) : 0;
    if (runs < 1) return 2;
    double *times = malloc((size_t)runs * sizeof *times), *busy = malloc((size_t)runs * sizeof *busy);
    long    peak = 0;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    for (int i = 0; times && busy && i < runs; i++) {
        struct timespec start, end;
        struct rusage   usage;
        pid_t           pid;
        int             status;
        clock_gettime(CLOCK_MONOTONIC, &start);
        if (posix_spawnp(&pid, argv[2], &actions, NULL, argv + 2, environ) || wait4(pid, &status, 0, &usage) != pid) return 2;
        clock_gettime(CLOCK_MONOTONIC, &end);
        if (!WIFEXITED(status) || WEXITSTATUS(status)) return 1;
        times[i] = 1e3 * (double)(end.tv_sec - start.tv_sec) + 1e-6 * (double)(end.tv_nsec - start.tv_nsec);
        busy[i] = 1e3 * (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + 1e-3 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
        if (usage.ru_maxrss > peak) peak = usage.ru_maxrss;
    }
    if (!times || !busy) return 2;
    qsort(times, (size_t)runs, sizeof *times, ascending);
    qsort(busy, (size_t)runs, sizeof *busy, ascending);
    printf("%.3f %.3f %ld\n", times[runs / 2], busy[runs / 2], peak);
    free(times);
    free(busy);
    return 0;
}
