/* Writing HDF5 by way of the helper. */
#include <stdlib.h>

#include "../base/str.h"
#include "file.h"
#include "format_h5.h"

static mdl_status send_tensor(Helper *h, const Saving *s, size_t index, mdl_error *error)
{
    const mdl_stored *t = &s->tensors[index];
    StrBuf            b = {.arena = s->arena};
    mdl_error         why = {0};
    sb_putc(&b, (char)t->dtype);
    sb_putc(&b, (char)t->rank);
    for (int i = 0; i < t->rank; i++) {
        for (int k = 0; k < 8; k++) sb_putc(&b, (char)((uint64_t)t->shape[i] >> 8 * k));
    }
    sb_put(&b, t->name);
    char *values = saving_values(s, index, &why);
    if (!values) return mdl_fail(error, why.status, "%s", why.message);
    mdl_status status = helper_send(h, H5_DATASET, b.s, b.len, error);
    for (uint64_t at = 0; at < t->bytes && status == MDL_OK; at += H5_PIECE) {
        status = helper_send(h, H5_VALUES, values + at, (size_t)(t->bytes - at < H5_PIECE ? t->bytes - at : H5_PIECE), error);
    }
    free(values);
    return status;
}

static mdl_status send_groups(Helper *h, const Saving *s, mdl_error *error)
{
    mdl_status status = MDL_OK;
    for (size_t i = 0; i < s->ngroups && status == MDL_OK; i++) {
        StrBuf b = {.arena = s->arena};
        sb_put(&b, s->groups[i].path);
        sb_putc(&b, 0);
        sb_put(&b, s->groups[i].name);
        status = helper_send(h, H5_NAME, b.s, b.len, error);
    }
    return status;
}

mdl_status h5_write_fd(const char *file, int fd, const Saving *s, mdl_error *error)
{
    Helper     h;
    Message    m = {0};
    mdl_status status = helper_start(s->arena, s->host, file, "write", fd, &h, error);
    if (status != MDL_OK) return status;
    status = send_groups(&h, s, error);
    for (size_t i = 0; status == MDL_OK && i < s->count; i++) status = send_tensor(&h, s, i, error);
    if (status == MDL_OK) status = helper_send(&h, H5_END, NULL, 0, error);
    if (status == MDL_OK) status = helper_receive(&h, &m, error);
    if (status == MDL_OK && m.tag != H5_END) status = mdl_fail(error, MDL_IO, "%s: the HDF5 helper sent nonsense", file);
    helper_stop(&h);
    free(m.bytes);
    return status;
}

mdl_status h5_write(const char *file, const Saving *s, mdl_error *error)
{
    Output     out;
    mdl_status status = mdl_output_open(&out, file, error);
    if (status != MDL_OK) return status;
    status = h5_write_fd(file, out.fd, s, error);
    return mdl_output_close(&out, status, error);
}
