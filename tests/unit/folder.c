#include "folder.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char directory[64];

void folder_enter(void)
{
    strcpy(directory, "/tmp/mdl-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    ck_assert_int_eq(chdir(directory), 0);
}

void folder_leave(void)
{
    char command[96];
    ck_assert_int_eq(chdir("/"), 0);
    snprintf(command, sizeof command, "rm -rf %s", directory);
    ck_assert_int_eq(system(command), 0);
}

int folder_count(void)
{
    DIR *d = opendir(".");
    int  n = 0;
    for (struct dirent *e; (e = readdir(d)) != NULL;) n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

void folder_write(const char *name, const void *bytes, size_t size)
{
    FILE *f = fopen(name, "wb");
    ck_assert_ptr_nonnull(f);
    ck_assert(fwrite(bytes, 1, size, f) == size && fclose(f) == 0);
}

size_t folder_read(const char *name, void *bytes, size_t room)
{
    FILE *f = fopen(name, "rb");
    ck_assert_ptr_nonnull(f);
    const size_t n = fread(bytes, 1, room, f);
    fclose(f);
    return n;
}
