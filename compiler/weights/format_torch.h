#ifndef MDLC_FORMAT_TORCH_H
#define MDLC_FORMAT_TORCH_H

#include "format.h"
#include "zipfile.h"

/* torch_open on an archive that is open; it is closed with the checkpoint. */
mdl_status torch_open_zip(Checkpoint *c, ZipFile *zip, mdl_error *error);

#endif
