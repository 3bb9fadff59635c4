#include "golden.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_all(const char *path, size_t *len)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL) return NULL;
    char  *bytes = NULL;
    size_t size = 0;
    do {
        bytes = realloc(bytes, size + 65536);
        size += fread(bytes + size, 1, 65536, f);
    } while (!feof(f) && !ferror(f));
    fclose(f);
    *len = size;
    return bytes;
}

void golden_check(const char *name, const char *bytes, size_t len)
{
    char   path[1024];
    size_t golden_len = 0, line = 1;
    snprintf(path, sizeof path, "%s/%s", GOLDEN_DIR, name);
    if (getenv("BLESS") != NULL) {
        FILE *f = fopen(path, "wb");
        ck_assert_msg(f != NULL && fwrite(bytes, 1, len, f) == len && fclose(f) == 0, "%s can't be written", path);
        return;
    }
    char *golden = read_all(path, &golden_len);
    ck_assert_msg(golden != NULL, "%s is missing: BLESS=1 writes it", path);
    size_t i = 0;
    for (; i < len && i < golden_len && bytes[i] == golden[i]; i++) line += bytes[i] == '\n';
    ck_assert_msg(i == len && i == golden_len, "%s differs in line %zu; BLESS=1 accepts the new output", path, line);
    free(golden);
}
