/* The readers of zip archives, NumPy's and PyTorch's: on any bytes if they begin like a zip, else on an archive that is packed of
 * them, whose members are as the fuzzer wants them. */
#include "fuzz_checkpoint.h"
#include "pack_zip.h"
#include "weights/format_npz.h"
#include "weights/format_torch.h"

static void read_archive(const uint8_t *data, size_t size)
{
    Arena         *a = arena_create();
    Checkpoint    *c = fuzz_checkpoint(a);
    ZipFile       *zip;
    mdl_error      error;
    const ZipBytes bytes = {data, size};
    mdl_status     status = zip_file_open(a, "fuzz", &bytes, &zip, &error);
    if (status == MDL_OK) {
        const bool torch = zip_file_find(zip, "/data.pkl") >= 0;
        fuzz_read(c, torch ? torch_open_zip(c, zip, &error) : npz_open_zip(c, zip, &error));
    }
    arena_destroy(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size >= 2 && data[0] == 'P' && data[1] == 'K') {
        read_archive(data, size);
        return 0;
    }
    uint8_t *packed = malloc(size + PACK_MEMBERS * PACK_FRAME + PACK_END);
    if (packed == NULL) return 0;
    const size_t len = pack_zip(data, size, packed);
    read_archive(packed, len);
    free(packed);
    return 0;
}
