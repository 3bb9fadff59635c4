/* `mdlc weights verify`: does the file fit the model? */
#include <stdio.h>

#include "fitting.h"
#include "text.h"

static bool put(void *context, const char *bytes, size_t size)
{
    mdl_putn(context, bytes, size);
    return !((Text *)context)->failed;
}

int verify_command(const Command *c)
{
    Fitting   f;
    mdl_error error;
    int       status = WEIGHTS_DONE;
    if (fitting_open(c, c->files.at[0], 1, true, &f, &status)) {
        if (mdl_fit_print(f.fit, c->json ? MDL_JSON : MDL_TEXT, put, c->out, &error) != MDL_OK) status = complain(&error);
        else if (mdl_fit_blocking(f.fit)) status = WEIGHTS_BAD;
        if (!c->json && status == WEIGHTS_DONE) {
            mdl_put(c->out, f.file->file);
            mdl_put(c->out, " fits ");
            mdl_put(c->out, f.model->layers[0].class_name);
            if (f.how) mdl_put(c->out, "; names by "), mdl_put(c->out, f.how);
            mdl_put(c->out, "\n");
        }
        if (!c->json && !f.how && status == WEIGHTS_BAD && !names_are_ours(f.model, f.file)) {
            mdl_put(c->out, "\nThe file has another library's names. `mdlc weights map` proposes a mapping; give it with "
                            "--map.\n");
        }
    }
    fitting_close(&f);
    return status;
}
