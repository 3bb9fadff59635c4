#ifndef MDLC_FORMAT_NPZ_H
#define MDLC_FORMAT_NPZ_H

#include "format.h"
#include "zipfile.h"

/* npz_open on an archive that is open; it is closed with the checkpoint. */
mdl_status npz_open_zip(Checkpoint *c, ZipFile *zip, mdl_error *error);

#endif
