/* mdlc: a command line, and what it asks for. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command_line.h"

int main(int argc, char **argv)
{
    Arena *a = arena_create();
    Options o = {0};
    int status;
    if (command_line_read(a, argc, argv, &o, &status)) status = drive(&o);
    errno = 0;
    if ((fflush(stdout) || ferror(stdout)) && !status) {
        fprintf(stderr, "mdlc: standard output: %s\n", strerror(errno ? errno : EIO));
        status = EXIT_USAGE;
    }
    arena_destroy(a);
    return status;
}
