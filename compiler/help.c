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
    "  explain   say what an error means: mdlc explain E0501\n"
    "  weights   look into weight files of any tool: mdlc weights --help\n"
    "  layers    list the layers of the library, a line each\n"
    "  show      print a layer of the library: mdlc show Dense\n"
    "\n"
    "Options of every verb; they may stand before or behind FILE:\n"
    "  --model NAME        the model to use, if the file has several\n"
    "  -D NAME=VALUE       set a constant of the file or a parameter of the model\n"
    "  --input [NAME=]TYPE give an input its type: --input 'float32[batch, 784]'\n"
    "  -I DIR              look for imports there too\n"
    "  --training          the program computes as in training\n"
    "  --format json       diagnostics as JSON, a line each (build, check, run)\n"
    "  --dump ast|graph    print the syntax tree, or the graph\n"
    "  --help, --version   mdlc VERB --help explains a verb and its own options\n"
    "  --                  what follows is no option\n"
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
    "  mdlc mlp.mdl && ./mlp        # the same from a compiled program\n"
    "  ./mlp run --random-inputs    # what does it compute?\n";

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
    "  --line-directives   a debugger shows the .mdl instead of the C (adds -g)\n"
    "  --profile           steps read the clock: `EXE profile` says where time goes\n"
    "  --report            print where memory goes, and which kernels each function calls\n"
    "  --passes-off LIST   leave out passes that make the program faster: prepare,roll;\n"
    "                      or all, to find out whether a wrong result comes from one\n"
    "\n"
    "The options of every verb are in `mdlc --help`. In COMMAND and FLAGS quotes mean\n"
    "what they mean in a shell. $AR makes archives (default: ar), $TMPDIR is where the\n"
    "C is compiled (default: /tmp).\n"
    "\n"
    "  mdlc net.mdl                             # ./net\n"
    "  mdlc net.mdl -D depth=6 -o small         # another size\n"
    "  mdlc net.mdl -o libnet.a                 # and net.h, for C and C++\n"
    "  mdlc net.mdl --emit c -o generated       # generated/net.c and generated/net.h\n"
    "  mdlc net.mdl --cc clang --cflags '-O3 -march=native'\n"
    "\n"
    "For another machine, build the runtime once with that machine's compiler, and\n"
    "then give both to mdlc:\n"
    "\n"
    "  cmake -S mdl -B arm -DCMAKE_C_COMPILER=aarch64-linux-gnu-gcc -DBUILD_TESTING=OFF\n"
    "  cmake --build arm --target mdl\n"
    "  export MDL_LIBRARY=$PWD/arm/runtime/libmdl.a\n"
    "  mdlc net.mdl --cc aarch64-linux-gnu-gcc\n"
    "\n"
    "$MDL_INCLUDE is the folder of mdl/mdl.h, if it is not beside mdlc.\n";

static const char check_page[] =
    "mdlc check FILE.mdl [OPTIONS]\n"
    "\n"
    "Reports every error and warning, and builds nothing. Without --model, each\n"
    "model that needs no arguments is instantiated.\n"
    "\n"
    "  --fix               apply the suggested fixes to FILE.mdl\n"
    "  --format json       diagnostics as JSON, a line each\n"
    "\n"
    "The options of every verb are in `mdlc --help`.\n"
    "\n"
    "  mdlc check net.mdl && echo fine\n"
    "  mdlc check net.mdl --input 'float32[batch, 784]'\n";

static const char manifest_page[] =
    "mdlc manifest FILE.mdl [OPTIONS]\n"
    "\n"
    "Prints every weight of the model, without a C compiler: the same text as the\n"
    "compiled program's.\n"
    "\n";

static const char manifest_end[] =
    "\n"
    "The options of every verb are in `mdlc --help`.\n"
    "\n"
    "  mdlc manifest net.mdl\n"
    "  mdlc manifest net.mdl --layers               # a tree by layer\n"
    "  mdlc manifest net.mdl --format csv > net.csv\n"
    "  mdlc manifest net.mdl --filter '*.bias' --template '{path} {shape}'\n";

static const char run_page[] =
    "mdlc run FILE.mdl [OPTIONS] [-- PROGRAM OPTIONS]\n"
    "\n"
    "Builds into a temporary place and runs `PROGRAM run` with what follows `--`:\n"
    "\n"
    "  mdlc run net.mdl -- -w w.safetensors --input x=x.npy --output y=y.npy\n"
    "  mdlc run net.mdl -- --random-inputs --dim batch=1\n"
    "  mdlc run net.mdl -- --help\n"
    "\n"
    "`--` may be left out before options that mdlc does not have, and before --input\n"
    "with a .npy file (with a type, --input is mdlc's own):\n"
    "\n"
    "  mdlc run net.mdl --random-inputs\n"
    "  mdlc run net.mdl --input x=x.npy --output y.npy\n"
    "\n"
    "The options of every verb are in `mdlc --help`; --cc, --cflags and\n"
    "--line-directives are those of `mdlc build`. The exit status is the program's.\n";

void print_help(FILE *f, const char *verb)
{
    const char *page = overview;
    if (verb && !strcmp(verb, "build")) page = build_page;
    else if (verb && !strcmp(verb, "check")) page = check_page;
    else if (verb && !strcmp(verb, "run")) page = run_page;
    else if (verb) {
        fputs(manifest_page, f);
        fputs(mdl_manifest_help(), f);
        page = manifest_end;
    }
    fputs(page, f);
}

void print_version(void) { puts("mdlc " MDL_VERSION); }
