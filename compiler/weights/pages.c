/* The pages behind `mdlc weights --help`. */
#include <string.h>

#include "../base/bug.h"
#include "command.h"

static const char overview[] =
    "mdlc weights looks into weight files, whichever tool made them.\n"
    "\n"
    "Usage: mdlc weights COMMAND FILES [OPTIONS]\n"
    "\n"
    "  show FILE           names, shapes, dtypes, and on request what the values are like\n"
    "\n"
    "Read:     .safetensors (one file, or shards by their .index.json or folder),\n"
    "          .npy, .npz, Keras' .weights.h5 and .keras, older .h5, .gguf,\n"
    "          PyTorch's .pt and .bin (state dicts; nothing in them is executed)\n"
    "\n"
    "Exit status: 0 done, 1 the file is damaged, 2 usage or I/O.\n"
    "`mdlc weights COMMAND --help` has the details.\n";

static const char show_page[] =
    "mdlc weights show FILE [OPTIONS]\n"
    "\n"
    "Lists the tensors of a file: name, dtype, shape, bytes. Only headers are read,\n"
    "so that it takes no longer for a hundred gigabytes than for one.\n"
    "\n"
    "  --values            also minimum, maximum, mean, standard deviation, a histogram,\n"
    "                      and how many values are NaN or infinite\n"
    "  --filter GLOB       only tensors whose name matches: 'blocks.0.*'\n"
    "  --json              for programs; docs/weights.md describes it\n";

static const struct {
    const char *verb, *page;
} pages[] = {{"show", show_page}};

const char *weights_page(const char *verb)
{
    for (size_t i = 0; verb && i < countof(pages); i++) {
        if (!strcmp(verb, pages[i].verb)) return pages[i].page;
    }
    return overview;
}
