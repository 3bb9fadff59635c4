#include "cli_help.h"

#include <stdio.h>

static void program_help(const Cli *c)
{
    printf("%s: the model %s, compiled from %s\n\n"
           "usage:\n"
           "  %s [manifest]                    list the model's weights\n"
           "  %s init --seed N -o FILE         write first values to a .safetensors file\n"
           "  %s run -w FILE --input NAME=x.npy --output NAME=y.npy\n"
           "                                   compute the outputs\n"
           "  %s verify FILE                   check that a weight file fits the model\n"
           "  %s convert IN OUT                write weights under the model's names\n"
           "  %s pack IN OUT                   write weights with all that calls compute from them alone\n"
           "  %s bench                         measure how long a call takes\n"
           "  %s profile                       tell where the time of a call goes\n\n"
           "To try it without weights or data:\n"
           "  %s run --random-inputs\n\n"
           "`%s VERB --help` explains each; `%s --version` prints where it comes from.\n"
           "Exit status: 0 done, 1 the input is wrong, 2 usage, or a file could not be read or written.\n",
           c->exe, c->program->name, c->program->file, c->exe, c->exe, c->exe, c->exe, c->exe, c->exe, c->exe, c->exe,
           c->exe, c->exe, c->exe);
}

static const char reading[] =
    "How weights are read:\n"
    "  FILE            a .safetensors file, the .index.json of a set of them, or a folder that has one of either\n"
    "  --map FILE      a mapping file says which tensors make which variables (docs/weights.md)\n"
    "  --partial       what is missing keeps its first value, what is unexpected is left; both are listed\n"
    "  --cast          floats of another dtype are converted\n"
    "  --no-mmap       the file is read, not mapped: safe where others may shorten it meanwhile\n";

static const char writing[] =
    "  --dtype DTYPE   floats are stored as float32, float64, float16 or bfloat16\n"
    "  --shard-size N  a set of files of at most so many bytes each, as 5GB or 500MiB, with its index\n";

static void ports_help(const Cli *c)
{
    for (int i = 0; i < c->program->ninputs; i++) {
        printf("  input    %-12s  %s\n", c->program->inputs[i].name, c->program->inputs[i].type);
    }
    for (int i = 0; i < c->program->noutputs; i++) {
        printf("  output   %-12s  %s\n", c->program->outputs[i].name, c->program->outputs[i].type);
    }
}

static void manifest_help(const Cli *c)
{
    printf("usage: %s [manifest] [options]\n\n"
           "Lists every variable of the model: its path, type and number of parameters, and whether training\n"
           "updates it. Nothing is allocated or initialized for it.\n\n%s\n"
           "  %s --layers                    # the same, as a tree\n"
           "  %s --filter '*kernel*' --format csv\n",
           c->exe, mdl_manifest_help(), c->exe, c->exe);
}

static void init_help(const Cli *c)
{
    printf("usage: %s init [--seed N] [--dtype DTYPE] [--shard-size SIZE] -o FILE\n\n"
           "Writes a first value for every variable to a .safetensors file. The values follow from the seed and each\n"
           "variable's path alone: the same on every system, and unchanged where the model keeps a path.\n\n"
           "  --seed N        a number from 0 to 18446744073709551615; 0 if left out\n"
           "  -o FILE         the file; it appears when it is complete (--out FILE is the same)\n%s",
           c->exe, writing);
}

static void run_help(const Cli *c)
{
    printf("usage: %s run [-w FILE] --input NAME=FILE.npy ... [--output NAME=FILE.npy ...]\n\n", c->exe);
    ports_help(c);
    printf("\n  -w FILE               weights (--weights FILE is the same); without them the model computes with first\n"
           "                        values, which are not trained\n"
           "  --input NAME=FILE     an input from a .npy file; NAME= may be left out if there is one input.\n"
           "                        Other dtypes are converted if no value changes; bfloat16 is `<V2`, as with the\n"
           "                        package ml_dtypes\n"
           "  --input NAME=random   the input has random values: floats from -1 to 1, integers and bool 0 or 1\n"
           "  --random-inputs       every input that is not given is random\n"
           "  --dim NAME=N          the size of a symbolic dimension of random inputs; 1 if left out\n"
           "  --threads N           share the work among N threads; 0, or left out: one a processor. The results are the\n"
           "                        same. MDL_THREADS=N in the environment is the same, and MDL_ISA=NAME there asks for\n"
           "                        another instruction set than the widest (`--version` prints which it is)\n"
           "  --output NAME=FILE    writes an output to a .npy file; without it a summary is printed\n"
           "  --save FILE           writes all variables to a .safetensors file, the states as the call left them\n"
           "  --seed N              of first values, random inputs, and random numbers in the model; 0 if left out\n\n"
           "%s\n"
           "  %s run --random-inputs",
           reading, c->exe);
    if (c->program->nsymbols > 0) printf(" --dim %s=2", c->program->symbols[0]);
    printf("\n");
}

static void bench_help(const Cli *c)
{
    printf("usage: %s bench [-w FILE] [--input NAME=FILE.npy ...] [--dim NAME=N ...] [--seconds N] [--json]\n\n"
           "Calls the model again and again and prints the percentiles of the time that a call takes: of the call alone,\n"
           "with inputs, weights and memory in place. A program of `mdlc build --profile` also prints, for each layer without those in\n"
           "it, its time, its share of a call, and of products GFLOP/s and their share of the machine's peak.\n\n"
           "  -w FILE               weights, read as `run` does, with its options; first values if left out\n"
           "  --input NAME=FILE     an input from a .npy file; random values if left out\n"
           "  --dim NAME=N          the size of a symbolic dimension of random inputs; 1 if left out\n"
           "  --threads N           share the work among N threads; 0, or left out: one a processor\n"
           "  --seconds N           how long to measure, 2 if left out; a tenth more to warm up\n"
           "  --json                for programs\n\n"
           "On a busy machine compare medians of several runs.\n",
           c->exe);
}

static void profile_help(const Cli *c)
{
    printf("usage: %s profile [-w FILE] [--input NAME=FILE.npy ...] [--dim NAME=N ...] [--seconds N] [--json]\n\n"
           "Calls the model again and again and prints where the time goes: a tree of layers and their steps, with their\n"
           "shares of a call, products with GFLOP/s and their share of the machine's peak (what a product in cache reaches), then\n"
           "the lines of the source that take most. The program must be one of `mdlc build --profile`:\n"
           "its steps read the clock, which others don't. Options are those of `bench`; small models take longer than there.\n\n"
           "  -w FILE               weights, read as `run` does, with its options; first values if left out\n"
           "  --input NAME=FILE     an input from a .npy file; random values if left out\n"
           "  --dim NAME=N          the size of a symbolic dimension of random inputs; 1 if left out\n"
           "  --threads N           share the work among N threads; 0, or left out: one a processor\n"
           "  --seconds N           how long to measure, 2 if left out\n"
           "  --json                every node of the tree, for programs\n",
           c->exe);
}

static void verify_help(const Cli *c)
{
    printf("usage: %s verify FILE [--values] [--json] [options]\n\n"
           "Checks that a weight file is well formed and holds exactly the model's variables: each by its path or an alias,\n"
           "with its shape and dtype, and nothing else. Every fault is listed, with what mends it; the exit status is then 1.\n\n"
           "  --values        looks at the values too: none may be NaN or infinite. Else only headers are read\n"
           "  --json          the report for programs; docs/weights.schema.json describes it\n\n%s",
           c->exe, reading);
}

static void convert_help(const Cli *c)
{
    printf("usage: %s convert IN OUT [--dtype DTYPE] [--shard-size SIZE] [options]\n\n"
           "Writes the values that `run -w IN` computes with to OUT, a .safetensors file (or the .index.json of a set): under\n"
           "the model's own names, in its shapes and dtypes, and nothing else. OUT appears when it is complete.\n\n"
           "%s  --seed N        of first values, for what --partial leaves; 0 if left out\n\n%s",
           c->exe, writing, reading);
}

static void pack_help(const Cli *c)
{
    printf("usage: %s pack IN OUT [options]\n\n"
           "Writes the values that `run -w IN` computes with to OUT, as `convert` does, and with them what a first call would compute\n"
           "from them: matrices in the order in which they are read, kernels with a normalization folded in. `run -w OUT` maps it\n"
           "and starts at once. It is for this program, on any processor; another build of the model takes the weights alone.\n\n"
           "  --seed N        of first values, for what --partial leaves; 0 if left out\n\n%s",
           c->exe, reading);
}

void mdl_cli_help(const Cli *cli, const Verb *verb)
{
    if (verb == NULL) {
        program_help(cli);
        return;
    }
    switch (*verb) {
    case VERB_MANIFEST: manifest_help(cli); break;
    case VERB_INIT: init_help(cli); break;
    case VERB_RUN: run_help(cli); break;
    case VERB_VERIFY: verify_help(cli); break;
    case VERB_CONVERT: convert_help(cli); break;
    case VERB_PACK: pack_help(cli); break;
    case VERB_BENCH: bench_help(cli); break;
    case VERB_PROFILE: profile_help(cli); break;
    }
}
