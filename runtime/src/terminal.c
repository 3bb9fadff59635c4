#define _DEFAULT_SOURCE /* the size of a terminal is not in POSIX */

#include <sys/ioctl.h>
#include <unistd.h>

#include "internal.h"

int mdl_manifest_width(void)
{
    struct winsize size;
    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
    return size.ws_col < 40 ? 40 : size.ws_col;
}
