/* usage: unit_tests [suite...]; CK_FORK=no keeps a debugger attached. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#ifndef SUITES
#define SUITES "suites.def"
#endif

#define SUITE(module) Suite *module##_suite(void);
#include SUITES
#undef SUITE

static const struct {
    const char *name;
    Suite *(*create)(void);
} suites[] = {
#define SUITE(module) {#module, module##_suite},
#include SUITES
#undef SUITE
};

static int wanted(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], name) == 0) return 1;
    }
    return argc == 1;
}

int main(int argc, char **argv)
{
    SRunner *runner = srunner_create(NULL);
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
        if (wanted(suites[i].name, argc, argv)) srunner_add_suite(runner, suites[i].create());
    }
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
