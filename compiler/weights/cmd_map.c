/* `mdlc weights map`: a proposal of which tensor is which variable. */
#include <stdio.h>

#include "file.h"
#include "fitting.h"
#include "propose.h"
#include "text.h"

/* Keras' places tell more than names, where the file has them. */
static Proposal *propose(const Command *c, const ModelView *m, const Checkpoint *file)
{
    mdl_error error;
    Proposal *p = NULL;
    if (bind_keras(m, file, &p, &error) == MDL_OK && p && !proposal_unsure(p)) return p;
    return map_propose(c->arena, m, file);
}

static mdl_status write_to(const char *file, const StrBuf *text, mdl_error *error)
{
    Output     out;
    mdl_status status = mdl_output_open(&out, file, error);
    if (status != MDL_OK) return status;
    status = mdl_output_write(&out, text->s, text->len, error);
    return mdl_output_close(&out, status, error);
}

int map_command(const Command *c)
{
    int         status = WEIGHTS_DONE;
    mdl_error   error;
    ModelView  *m = open_model(c, c->files.at[0], &status);
    Checkpoint *file = m ? open_file(c, 1, &status) : NULL;
    if (file) {
        const Proposal *p = propose(c, m, file);
        StrBuf          text = {.arena = c->arena};
        const size_t    unsure = proposal_unsure(p);
        proposal_write(p, &text);
        if (!c->output) mdl_putn(c->out, text.s, text.len);
        else if (write_to(c->output, &text, &error) != MDL_OK) status = complain(&error);
        if (status == WEIGHTS_DONE && unsure) {
            fprintf(stderr, "mdlc: %zu of %d variables are not sure: look at the lines that begin with #?\n", unsure, m->count);
            status = WEIGHTS_BAD;
        }
        checkpoint_close(file);
    }
    if (m) mdl_registry_free(m->registry);
    return status;
}
