#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "folder.h"
#include "glob.h"
#include "golden.h"
#include "options.h"

/* ---- what it is made of ---- */

static const struct {
    const char *pattern, *text;
    bool        matches;
} globs[] = {
    {"*", "", true}, {"", "", true}, {"", "a", false}, {"a*c", "abc", true}, {"a*c", "abcd", false}, {"*.kernel", "a.b.kernel", true},
    {"*.kernel", "kernel", false}, {"a?c", "abc", true}, {"a?c", "ac", false}, {"blocks.[0-3].*", "blocks.2.w", true},
    {"blocks.[0-3].*", "blocks.4.w", false}, {"[!a]*", "ab", false}, {"[^a]*", "b", true}, {"[]a]", "]", true}, {"[a", "[a", true},
    {"[a-]", "-", true}, {"\\*", "*", true}, {"\\*", "a", false}, {"a\\", "a\\", true}, {"**a**b**", "xaybz", true},
    {"a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
};

START_TEST(globs_match)
{
    ck_assert_int_eq(mdl_glob(globs[_i].pattern, globs[_i].text, strlen(globs[_i].text)), globs[_i].matches);
}
END_TEST

START_TEST(slips_find_the_nearest_word)
{
    static const char *const words[] = {"manifest", "init", "run", "verify"};
    ck_assert_str_eq(mdl_nearest("mainfest", words, 4), "manifest");
    ck_assert_str_eq(mdl_nearest("rnu", words, 4), "run");
    ck_assert_str_eq(mdl_nearest("verfy", words, 4), "verify");
    ck_assert_ptr_null(mdl_nearest("compile", words, 4));
    ck_assert_ptr_null(mdl_nearest("a-word-that-is-longer-than-all-options-are", words, 4));
}
END_TEST

/* ---- the whole ---- */

static void enter(void)
{
    folder_enter();
    ck_assert_int_eq(symlink(TOY, "toy"), 0);
}

/* Runs a line of shell and appends it, what it prints, and its exit status. */
static void run(char **log, size_t *len, const char *line)
{
    char  command[512], part[4096];
    FILE *p;
    snprintf(command, sizeof command, "{ %s; } 2>&1", line);
    p = popen(command, "r");
    ck_assert_ptr_nonnull(p);
    *log = realloc(*log, *len + 65536);
    *len += (size_t)sprintf(*log + *len, "$ %s\n", line);
    for (size_t n; (n = fread(part, 1, sizeof part, p)) > 0; *len += n) memcpy(*log + *len, part, n);
    const int status = WEXITSTATUS(pclose(p));
    *len += (size_t)sprintf(*log + *len, status == 0 ? "\n" : "[%d]\n\n", status);
}

static const struct {
    const char *golden;
    const char *lines[24];
} sessions[] = {
    {"cli/manifest.txt",
     {"./toy", "./toy manifest --layers", "./toy --format=csv --non-trainable", "./toy manifest --template '{path} {shape}' --filter '*bias'"}},
    {"cli/weights.txt",
     {"./toy init --seed 3 -o w.safetensors", "./toy init --seed=3 --out v.safetensors", "cmp w.safetensors v.safetensors",
      "./toy verify w.safetensors", "./toy -o w.safetensors init", "cmp -s w.safetensors v.safetensors",
      "printf '\\002\\0\\0\\0\\0\\0\\0\\0{}' > empty; ./toy verify empty", "./toy run -w empty --random-inputs", "echo this is no weight file > text; ./toy verify text",
      "./toy verify missing", "./toy init -o /dev/full", "ls"}},
    {"cli/convert.txt",
     {"./toy init --seed 3 -o w.safetensors", "./toy convert w.safetensors half.safetensors --dtype float16", "./toy verify half.safetensors",
      "./toy verify half.safetensors --cast", "./toy convert half.safetensors set.safetensors --cast --shard-size 20", "ls",
      "./toy run --random-inputs -w set.safetensors.index.json", "./toy run --random-inputs --no-mmap -w set.safetensors.index.json",
      "./toy run --random-inputs -w half.safetensors --cast", "./toy convert w.safetensors w.safetensors", "./toy verify w.safetensors --json"}},
    {"cli/mapping.txt",
     {"./toy init --seed 3 -o w.safetensors", "echo 'hidden.kernel = hidden.bias' > map; ./toy verify w.safetensors --map map",
      "echo 'hidden.kernel = hidden.other.T' > map; ./toy verify w.safetensors --map map", "echo 'hidden.kernel' > map; ./toy verify w.safetensors --map map",
      "echo 'hidden.kernel = hidden.kernel.T.T[:, 0:2]' > map; ./toy verify w.safetensors --map map",
      "echo 'calls = _\n_ = calls' > map; ./toy convert w.safetensors v.safetensors --map map", "cmp w.safetensors v.safetensors",
      "printf '\\002\\0\\0\\0\\0\\0\\0\\0{}' > empty; ./toy convert empty v.safetensors --partial --seed 3", "cmp w.safetensors v.safetensors",
      "./toy run -w empty --partial --seed 3 --input random", "./toy verify empty --json --partial"}},
    {"cli/run.txt",
     {"./toy run --random-inputs", "./toy run --random-inputs --dim batch=2 --seed 9", "./toy run --input inputs=random --output output=y.npy",
      "./toy run --input random --output y.npy", "./toy run --input y.npy", "./toy init -o w.safetensors",
      "./toy run -w w.safetensors --input=random", "./toy run --random-inputs --dim batch=65", "./toy run --random-inputs --dim batch=0",
      "./toy run", "./toy run --input missing.npy", "echo text > text; ./toy run --input text", "./toy run --random-inputs --output output=no/such/y.npy"}},
    {"cli/help.txt", {"./toy --help", "./toy manifest --help", "./toy init -h", "./toy run --help", "./toy verify --help", "./toy convert --help", "./toy bench --help", "./toy profile --help", "MDL_ISA=scalar ./toy --version"}},
    /* How long it took is another each time. */
    {"cli/bench.txt",
     {"MDL_ISA=scalar ./toy bench --seconds 0.01 | sed -E 's/[0-9][0-9.,e+]*/N/g; s/ +N [mun]?s$/ N/; s/, N a sample//'",
      "MDL_ISA=scalar ./toy bench --seconds 0.01 --dim batch=3 --json | sed -E 's/: [0-9][0-9.e+-]*/: N/g'",
      "./toy bench --seconds 0", "./toy bench --seconds 1x", "./toy bench -w missing", "./toy run --json", "./toy bench --dim batch=0"}},
    {"cli/mistakes.txt",
     {"./toy mainfest", "./toy compile", "./toy --sed 3", "./toy --nothing-like-it", "./toy --seed 3", "./toy init --layers -o x",
      "./toy init", "./toy init --seed -1 -o x", "./toy init --seed", "./toy verify", "./toy verify a b", "./toy run x",
      "./toy run --input=other=x.npy", "./toy run --random-inputs --dim other=3", "./toy init -o a --out b", "./toy init -o ''",
      "./toy init --seed 1 --seed 1 -o a", "./toy run --input random --input inputs=random", "./toy run --random-inputs --output output=",
      "./toy run --random-inputs --dim batch=2 --dim batch=3", "./toy run --random-inputs --dim batch=99999999999999999999",
      "./toy --filter '*.a' --filter '*.b'", "./toy --template a --template b"}},
    {"cli/mistakes_weights.txt",
     {"./toy convert a", "./toy convert a b --dtype int8", "./toy init -o a --shard-size 5TB", "./toy run --partial", "./toy verify a --dtype float16",
      "./toy verify a --map missing", "./toy init -o a --shard-size 0", "./toy init -o a.index.json", "./toy init -o no/such/a.index.json --shard-size 1"}},
    {"cli/output.txt",
     {"./toy > /dev/full", "./toy --help > /dev/full", "./toy run --random-inputs > /dev/full", "./toy >&-",
      "bash -c 'set -o pipefail; { sleep 0.3; ./toy; } | true'"}},
};

START_TEST(sessions_go_as_they_went)
{
    char  *log = NULL;
    size_t len = 0;
    for (int i = 0; i < 24 && sessions[_i].lines[i] != NULL; i++) run(&log, &len, sessions[_i].lines[i]);
    golden_check(sessions[_i].golden, log, len);
    free(log);
}
END_TEST

Suite *cli_suite(void)
{
    Suite *s = suite_create("cli");
    TCase *t = tcase_create("cli");
    tcase_add_loop_test(t, globs_match, 0, sizeof globs / sizeof *globs);
    tcase_add_test(t, slips_find_the_nearest_word);
    suite_add_tcase(s, t);
    TCase *whole = tcase_create("sessions");
    tcase_add_checked_fixture(whole, enter, folder_leave);
    tcase_set_timeout(whole, 30);
    tcase_add_loop_test(whole, sessions_go_as_they_went, 0, sizeof sessions / sizeof *sessions);
    suite_add_tcase(s, whole);
    return s;
}
