/* The readers of zip archives, NumPy's and PyTorch's, on any bytes. */
#include "fuzz_checkpoint.h"
#include "weights/format_npz.h"
#include "weights/format_torch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
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
    return 0;
}
