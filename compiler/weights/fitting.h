/* A file laid beside a model, whatever the file calls its tensors. */
#ifndef MDLC_FITTING_H
#define MDLC_FITTING_H

#include "bind_keras.h"
#include "command.h"
#include "model_view.h"

typedef struct Fitting {
    ModelView   *model;
    Checkpoint  *file;
    mdl_mapping *mapping; /* NULL: by paths and aliases */
    const char  *how;     /* how names were found, for people; NULL: they are the model's */
    mdl_fit     *fit;
} Fitting;

/* The variables of an .mdl file; NULL after messages, with the exit status. */
ModelView *open_model(const Command *c, const char *file, int *exit_status);
/* Opens both and finds which tensor is which variable: by --map, by the model's own names, by Keras' places, or by another
 * library's names if all of them are sure. False after a message, with the exit status. Closed by fitting_close also then. */
bool fitting_open(const Command *c, const char *model, size_t file, bool cast, Fitting *f, int *exit_status);
void fitting_close(Fitting *f);

#endif
