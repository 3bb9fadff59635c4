/* Runs a fuzz target without a fuzzer: on the files that are named, and unless `--only` stands before them on every start of each and
 * every byte of it changed. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In a block of exactly its size, so that sanitizers see a step beyond it. */
static void run(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);
    if (copy == NULL) exit(2);
    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void run_around(uint8_t *data, size_t size)
{
    run(data, size);
    for (size_t i = 0; i < size && i < 4096; i++) {
        const uint8_t was = data[i];
        run(data, i);
        for (int bit = 0; bit < 8; bit++) {
            data[i] = (uint8_t)(was ^ 1u << bit);
            run(data, size);
        }
        data[i] = was;
    }
}

int main(int argc, char **argv)
{
    static uint8_t bytes[1 << 20];
    const bool  only = argc > 1 && strcmp(argv[1], "--only") == 0;
    const int   first = only ? 2 : 1;
    for (int i = first; i < argc; i++) {
        FILE *f = fopen(argv[i], "rb");
        if (f == NULL) {
            perror(argv[i]);
            return 2;
        }
        const size_t size = fread(bytes, 1, sizeof bytes, f);
        if (only) run(bytes, size);
        else run_around(bytes, size);
        fclose(f);
    }
    printf("%d files\n", argc - first);
    return 0;
}
