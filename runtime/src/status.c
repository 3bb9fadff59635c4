#include "internal.h"

#include <stdarg.h>
#include <stdio.h>

mdl_status mdl_fail(mdl_error *error, mdl_status status, const char *format, ...)
{
    if (error != NULL) {
        va_list args;
        va_start(args, format);
        vsnprintf(error->message, sizeof error->message, format, args);
        va_end(args);
        error->status = status;
    }
    return status;
}

mdl_status mdl_fail_status(mdl_error *error, mdl_status status)
{
    static const char *const words[] = {
        [MDL_OK] = "", [MDL_BAD_INPUT] = "the input is wrong", [MDL_BAD_FILE] = "the file is damaged",
        [MDL_IO] = "the file could not be read or written", [MDL_NO_MEMORY] = "there is not enough memory",
        [MDL_USAGE] = "a function was called with a wrong argument or out of order",
    };
    return mdl_fail(error, status, "%s", words[status]);
}
