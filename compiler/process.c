/* Other programs, and signals while they run. */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bug.h"

/* ---- signals ---- */

static const int ending[] = {SIGHUP, SIGINT, SIGPIPE, SIGTERM};

static struct sigaction      before[countof(ending)];
static bool                  held;  /* `before` is filled in */
static volatile sig_atomic_t seen;  /* the signal that came, or 0 */
static volatile sig_atomic_t child; /* the program that runs, or 0 */

static void keep(int signal)
{
    seen = signal;
    if (child > 0 && signal != SIGPIPE) kill((pid_t)child, signal);
}

void interrupts_hold(void)
{
    held = true;
    struct sigaction action = {.sa_handler = keep};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < countof(ending); i++) {
        sigaction(ending[i], NULL, &before[i]);
        if (before[i].sa_handler != SIG_IGN) sigaction(ending[i], &action, NULL); /* `nohup` ignores one */
    }
}

static void restore(void)
{
    for (size_t i = 0; i < countof(ending); i++) sigaction(ending[i], &before[i], NULL);
}

void interrupts_deliver(void)
{
    restore();
    held = false;
    const int signal = seen;
    seen = 0;
    if (signal) raise(signal);
}

bool interrupted(void) { return seen != 0; }

/* ---- programs ---- */

/* In the child: becomes the program, or writes why not. */
static void become(char *const *argv, int output, const int *report, const sigset_t *mask)
{
    if (output >= 0) dup2(output, STDOUT_FILENO);
    for (int i = 0; i < 2; i++) fcntl(report[i], F_SETFD, FD_CLOEXEC);
    if (held) restore();
    sigprocmask(SIG_SETMASK, mask, NULL);
    execvp(argv[0], argv);
    const int why = errno;
    const ssize_t written = write(report[1], &why, sizeof why);
    _exit(written < 0 ? 126 : 127);
}

/* What the child wrote if it could not become the program, else 0. */
static int read_report(int report)
{
    int why = 0;
    ssize_t n;
    while ((n = read(report, &why, sizeof why)) < 0 && errno == EINTR) continue;
    return n == (ssize_t)sizeof why ? why : 0;
}

int run_program(char *const *argv, int output)
{
    int report[2], status = 0;
    sigset_t all, mask;
    fflush(stdout);
    errno = EINTR;
    if (seen || pipe(report)) return CANNOT_START;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &mask); /* the handler must know the child as soon as there is one */
    const pid_t pid = fork();
    if (pid == 0) become(argv, output, report, &mask);
    int why = pid < 0 ? errno : 0;
    child = (sig_atomic_t)(pid > 0 ? pid : 0);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    close(report[1]);
    if (pid > 0) why = read_report(report[0]);
    close(report[0]);
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
    child = 0;
    errno = why;
    if (why) return CANNOT_START;
    return WIFEXITED(status) ? WEXITSTATUS(status) : BY_SIGNAL + WTERMSIG(status);
}

/* ---- standard output ---- */

static bool output_is_lost;

void output_failed(int why)
{
    if (!output_is_lost) fprintf(stderr, "mdlc: standard output: %s\n", strerror(why ? why : EIO));
    output_is_lost = true;
}

bool output_arrived(void)
{
    errno = 0;
    if (!output_is_lost && (fflush(stdout) || ferror(stdout))) output_failed(errno);
    return !output_is_lost;
}
