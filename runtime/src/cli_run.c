/* `run`: a call, whose outputs go to files or are summed up. */
#include "cli_call.h"
#include "npy.h"

static mdl_status deliver(Call *c)
{
    const mdl_program *p = c->program;
    mdl_status         status = MDL_OK;
    for (int i = 0; status == MDL_OK && i < p->noutputs; i++) {
        const char *file = mdl_cli_value(&c->cli->outputs, p->outputs[i].name, p->noutputs == 1);
        if (file != NULL) status = mdl_npy_write(file, &c->outputs[i], &c->error);
        else if (c->cli->outputs.count == 0) mdl_cli_summary(p->outputs[i].name, &c->outputs[i]);
    }
    return status;
}

/* The variables as the call left them. */
static mdl_status save(Call *c)
{
    if (c->cli->save == NULL) return MDL_OK;
    const mdl_status status = mdl_model_keep(c->model, &c->error);
    return status == MDL_OK ? mdl_model_save(c->model, c->cli->save, &c->error) : status;
}

int mdl_cli_run(const Cli *cli)
{
    Call       c;
    mdl_status status = mdl_cli_prepare(&c, cli);
    if (status == MDL_OK) status = mdl_model_call(c.model, c.inputs, c.outputs, &c.run, &c.error);
    if (status == MDL_OK) status = deliver(&c);
    if (status == MDL_OK) status = save(&c);
    mdl_cli_release(&c);
    return status == MDL_OK ? EXIT_DONE : mdl_cli_fail(cli, &c.error);
}
