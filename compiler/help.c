/* The pages behind --help. */
#include <stdio.h>
#include <string.h>

#include "driver.h"

static const char overview[] =
    "mdlc compiles neural-network models written in MDL to C.\n"
    "\n"
    "Usage: mdlc [VERB] FILE.mdl [OPTIONS]\n"
    "\n"
    "  build     compile to an executable (the default), or a library, or C\n"
    "  manifest  print every weight: path, shape, dtype; needs no C compiler\n"
    "  check     report errors only\n"
    "  run       build in a temporary place and run the program\n"
    "\n"
    "Options of every verb:\n"
    "  --model NAME        the model to use, if the file has several\n"
    "  -D NAME=VALUE       set a constant of the file or a parameter of the model\n"
    "  --input [NAME=]TYPE give an input its type: --input 'float32[batch, 784]'\n"
    "  -I DIR              look for imports there too\n"
    "  --training          the program computes as in training\n"
    "  --format json       diagnostics as JSON, a line each (build, check, run)\n"
    "  --dump ast|graph    print the syntax tree, or the graph\n"
    "  --help, --version\n"
    "\n"
    "Exit status: 0 done, 1 the input is wrong, 2 usage or I/O, 70 a bug of mdlc.\n"
    "\n"
    "A first program, mlp.mdl:\n"
    "\n"
    "  model MyModel {\n"
    "      dense1 = Dense(64, activation=relu)\n"
    "      dense2 = Dense(10)\n"
    "      call(inputs: float32[batch, 784]) { return dense2(dense1(inputs)) }\n"
    "  }\n"
    "\n"
    "  mdlc manifest mlp.mdl        # which weights does it have?\n"
    "  mdlc mlp.mdl && ./mlp        # the same from a compiled program\n";

static const char build_page[] =
    "mdlc build FILE.mdl [-o OUTPUT] [OPTIONS]\n"
    "\n"
    "Compiles the model to C and that, with the C compiler, to a program.\n"
    "\n"
    "  -o EXE              an executable (default: the file's name without .mdl)\n"
    "  -o libNAME.a|.so    a library, with NAME.h beside it\n"
    "  --emit c [-o DIR]   only the C: NAME.c and NAME.h\n"
    "  --cc COMMAND        the C compiler (default: $CC, else cc)\n"
    "  --cflags FLAGS      its flags (default: $CFLAGS, else -O2)\n"
    "  --line-directives   a debugger shows the .mdl instead of the C\n"
    "\n"
    "To cross-compile, give the other machine's compiler and its libmdl.a:\n"
    "  MDL_LIBRARY=/path/libmdl.a mdlc build net.mdl --cc aarch64-linux-gnu-gcc\n"
    "\n"
    "The options of every verb are in `mdlc --help`.\n";

static const char check_page[] =
    "mdlc check FILE.mdl [OPTIONS]\n"
    "\n"
    "Reports every error and warning, and builds nothing. Without --model, each\n"
    "model that needs no arguments is instantiated.\n"
    "\n"
    "  --fix               apply the suggested fixes to FILE.mdl\n"
    "  --format json       diagnostics as JSON, a line each\n"
    "\n"
    "The options of every verb are in `mdlc --help`.\n";

static const char run_page[] =
    "mdlc run FILE.mdl [OPTIONS] [-- PROGRAM OPTIONS]\n"
    "\n"
    "Builds into a temporary place and runs `PROGRAM run` with what follows `--`:\n"
    "\n"
    "  mdlc run net.mdl -- -w w.safetensors --input x=x.npy --output y=y.npy\n"
    "  mdlc run net.mdl -- --random-inputs --dim batch=1\n"
    "\n"
    "Options that mdlc does not know are passed on as well.\n"
    "The options of every verb are in `mdlc --help`.\n";

void print_help(const char *verb)
{
    if (verb && !strcmp(verb, "build")) fputs(build_page, stdout);
    else if (verb && !strcmp(verb, "check")) fputs(check_page, stdout);
    else if (verb && !strcmp(verb, "run")) fputs(run_page, stdout);
    else if (verb && !strcmp(verb, "manifest")) {
        fputs("mdlc manifest FILE.mdl [OPTIONS]\n\nPrints every weight of the model, without a C compiler: the same text as the\ncompiled program's.\n\n", stdout);
        fputs(mdl_manifest_help(), stdout);
        fputs("\nThe options of every verb are in `mdlc --help`.\n", stdout);
    } else fputs(overview, stdout);
}

void print_version(void) { puts("mdlc " MDL_VERSION); }
