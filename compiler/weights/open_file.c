/* From a file's name to its reader, which takes what is open: so tests can give it bytes. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "format_gguf.h"
#include "format_h5.h"
#include "format_npz.h"
#include "format_torch.h"

mdl_status gguf_open(Checkpoint *c, mdl_error *error)
{
    Input            in;
    const mdl_status status = mdl_input_open(&in, c->file, error);
    return status == MDL_OK ? gguf_open_input(c, &in, error) : status;
}

static mdl_status open_zip(Checkpoint *c, mdl_status (*read)(Checkpoint *c, ZipFile *zip, mdl_error *error), mdl_error *error)
{
    ZipFile         *zip;
    const mdl_status status = zip_file_open(c->arena, c->file, NULL, &zip, error);
    return status == MDL_OK ? read(c, zip, error) : status;
}

mdl_status npz_open(Checkpoint *c, mdl_error *error) { return open_zip(c, npz_open_zip, error); }

mdl_status torch_open(Checkpoint *c, mdl_error *error) { return open_zip(c, torch_open_zip, error); }

mdl_status torch_refuse_old(Checkpoint *c, mdl_error *error)
{
    return bad_file(c, error,
                    "it is a bare pickle, as torch.save wrote before PyTorch 1.6 (or anything else that Python can pickle). Load "
                    "it "
                    "where you trust it and save it again:\n"
                    "      torch.save(torch.load(\"old.pt\", map_location=\"cpu\"), \"new.pt\")");
}

mdl_status keras_refuse(Checkpoint *c, mdl_error *error)
{
    return bad_file(c, error,
                    "its weights are no model.weights.h5, but pickles in an .npz, or in shards, which mdlc does not read. Load it "
                    "in the Keras that wrote it and save it again:\n      keras.saving.load_model(\"old.keras\").save(\"new.keras\")");
}

mdl_status h5_open_fd(Checkpoint *c, int fd, mdl_error *error)
{
    Helper           h;
    const mdl_status status = helper_start(c->arena, c->host, c->file, "read", fd, &h, error);
    return status == MDL_OK ? h5_open_helper(c, &h, error) : status;
}

mdl_status h5_open(Checkpoint *c, mdl_error *error)
{
    const int fd = open(c->file, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return mdl_fail(error, MDL_IO, "%s: %s", c->file, strerror(errno));
    const mdl_status status = h5_open_fd(c, fd, error);
    close(fd);
    return status;
}
