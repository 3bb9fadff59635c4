#ifndef MDLC_FORMAT_GGUF_H
#define MDLC_FORMAT_GGUF_H

#include "file.h"
#include "format.h"

/* gguf_open on an input that is open; it is closed with the checkpoint. */
mdl_status gguf_open_input(Checkpoint *c, const Input *in, mdl_error *error);

#endif
