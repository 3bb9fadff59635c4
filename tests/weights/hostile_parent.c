/* hostile_parent FOLDER: `mdlc weights show FILE --values` again and again in one process, for hostile.py. FOLDER is mdlc's own;
 * the helper is started from there for each file, as always. The names of files come on standard input, a line each; the answer is
 * a line: the exit status, a tab, and the first line of what went to standard error. A descriptor, a process or memory that a file
 * leaves behind ends all of it. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "weights/command.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__clang__)
#define COUNTS_MEMORY 0 /* LeakSanitizer does, at the end */
#else
#define COUNTS_MEMORY 1
#endif

enum { SLACK = 1 << 18 }; /* what malloc keeps for itself; what each file leaves would soon be more */

typedef struct Left {
    int    descriptor; /* the next one */
    size_t bytes;      /* of memory in use */
} Left;

static Left measure(void)
{
    const int fd = dup(STDIN_FILENO);
    close(fd);
    return (Left){fd, COUNTS_MEMORY ? mallinfo2().uordblks : 0};
}

static int show(const char *folder, char *file)
{
    Arena              *a = arena_create();
    char               *argv[] = {"weights", "show", file, "--values", NULL};
    const WeightsDriver driver = {{folder}, NULL};
    const int           status = weights_command(a, 4, argv, &driver);
    arena_destroy(a);
    fflush(stdout);
    fflush(stderr);
    return status;
}

/* The first line of what was said. */
static void answer(FILE *out, int status, int said)
{
    char          text[1024];
    const ssize_t n = pread(said, text, sizeof text - 1, 0);
    text[n < 0 ? 0 : n] = 0;
    fprintf(out, "%d\t%.*s\n", status, (int)strcspn(text, "\n"), text);
    fflush(out);
    if (ftruncate(said, 0) || lseek(said, 0, SEEK_SET)) abort();
}

int main(int argc, char **argv)
{
    char  file[4096];
    FILE *out = fdopen(dup(STDOUT_FILENO), "w");
    const int said = memfd_create("said", 0), real = dup(STDERR_FILENO);
    if (argc != 2 || !out || said < 0 || !freopen("/dev/null", "w", stdout) || dup2(said, STDERR_FILENO) < 0) return 2;
    Left before = {0};
    for (size_t i = 0; fgets(file, sizeof file, stdin); i++) {
        file[strcspn(file, "\n")] = 0;
        answer(out, show(argv[1], file), said);
        const Left now = measure();
        if (i == 0) before = now; /* streams have their buffers now */
        if (now.descriptor == before.descriptor && now.bytes <= before.bytes + SLACK && waitpid(-1, NULL, WNOHANG) < 0) continue;
        dprintf(real, "%s: left behind: descriptors %d instead of %d, bytes %zu instead of %zu, or a process\n", file,
                now.descriptor, before.descriptor, now.bytes, before.bytes);
        return 3;
    }
    fclose(out);
    return 0;
}
