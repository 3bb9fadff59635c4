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
    "  verify MODEL FILE   does the file fit the model? If not: what is wrong, and the fix\n"
    "  diff A B            what two files, or a model and a file, differ in\n"
    "  convert IN OUT      to another format or dtype, or to a model's names and shapes\n"
    "  map MODEL FILE      a mapping from another library's names, for you to correct\n"
    "\n"
    "Read:     .safetensors (one file, or shards by their .index.json or folder),\n"
    "          .npy, .npz, Keras' .weights.h5 (also in shards), .keras, older .h5, .gguf,\n"
    "          PyTorch's .pt and .bin (state dicts; nothing in them is executed)\n"
    "Written:  .safetensors, .npy, .npz, .weights.h5, .keras (with --like), .gguf\n"
    "\n"
    "Options of a MODEL, an .mdl file, as for the other verbs: --model, -D, --input,\n"
    "-I, --training.\n"
    "\n"
    "Exit status: 0 done, 1 it does not fit, differs, or the file is damaged, 2 usage\n"
    "or I/O. `mdlc weights COMMAND --help` has the details.\n";

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

static const char verify_page[] =
    "mdlc weights verify MODEL.mdl FILE [OPTIONS]\n"
    "\n"
    "Lays the file beside the model and reports all that does not fit: missing,\n"
    "unexpected, wrong shape or dtype, likely renamed or transposed, tied but\n"
    "different; each with the line of the source and the fix.\n"
    "\n"
    "Names are found by the model's paths and aliases; in Keras' files by the places\n"
    "of their layers; else by what another library calls them, if all of it is sure.\n"
    "\n"
    "  --map FILE          a mapping file (mdlc weights map makes one)\n"
    "  --partial           what is missing or unexpected is noted, and no fault\n"
    "  --values            also looks for NaN and infinite values\n"
    "  --json              for programs\n"
    "\n"
    "Exit status: 0 it fits, 1 it does not, or a file is wrong, 2 usage or I/O.\n";

static const char diff_page[] =
    "mdlc weights diff A B [OPTIONS]\n"
    "\n"
    "Compares two weight files, a model (.mdl) and a file, or two models: what was\n"
    "added, removed, renamed, reshaped, and of two files what changed by how much.\n"
    "\n"
    "  --tolerance X       values that differ by at most X are the same\n"
    "  --json              for programs\n"
    "\n"
    "Exit status: 0 no difference, 1 some, 2 trouble: usage, I/O, a damaged file.\n";

static const char convert_page[] =
    "mdlc weights convert IN OUT [OPTIONS]\n"
    "\n"
    "Writes the tensors of IN to OUT, in the format that OUT's ending says. OUT appears\n"
    "when it is complete.\n"
    "\n"
    "  --dtype DTYPE       floats as float32, float64, float16 or bfloat16\n"
    "  --for MODEL.mdl     under the model's names, in its shapes and dtypes; for Keras'\n"
    "                      formats at the places where Keras looks for them\n"
    "  --map FILE          with --for: a mapping from IN's names\n"
    "  --partial           with --for: what IN does not have is left out\n"
    "  --layout LAYOUT     of .weights.h5 and .keras: how the Keras model is made: subclass\n"
    "                      (the default), functional or sequential\n"
    "  --like FILE         of .keras: the archive whose weights are replaced; of both: a\n"
    "                      file whose places are taken, instead of a layout\n"
    "\n"
    "  mdlc weights convert gpt2.pt gpt2.safetensors --for gpt2.mdl\n"
    "  mdlc weights convert w.safetensors w.weights.h5 --for net.mdl --layout functional\n"
    "\n"
    "Exit status: 0 done, 1 it does not fit, or IN is damaged, 2 usage or I/O.\n";

static const char map_page[] =
    "mdlc weights map MODEL.mdl FILE [OPTIONS]\n"
    "\n"
    "Proposes which tensor is which variable, by the part that its name says it plays,\n"
    "its block, and its shape. It knows what PyTorch, Keras 2 and 3, Flax, and Hugging\n"
    "Face's GPT-2, BERT, ViT and Llama call things, how they turn kernels, and who has\n"
    "query, key and value in one. What is not sure stands in lines that begin with\n"
    "`#?`: correct them, and take the `#?` away.\n"
    "\n"
    "  -o FILE             write it there instead of to standard output\n"
    "\n"
    "Give the file with --map to verify, convert and the compiled program.\n"
    "\n"
    "Exit status: 0 all is sure, 1 some is not, 2 usage or I/O.\n";

static const struct {
    const char *verb, *page;
} pages[] = {{"show", show_page}, {"verify", verify_page}, {"diff", diff_page}, {"convert", convert_page}, {"map", map_page}};

const char *weights_page(const char *verb)
{
    for (size_t i = 0; verb && i < countof(pages); i++) {
        if (!strcmp(verb, pages[i].verb)) return pages[i].page;
    }
    return overview;
}
