/* An empty folder for a test that writes files. */
#ifndef FOLDER_H
#define FOLDER_H

#include <stddef.h>

/* Enters a new folder; leaves it and removes it with all that is in it. Fixtures of Check. */
void folder_enter(void);
void folder_leave(void);
/* Files in it. */
int folder_count(void);
/* Writes a file of these bytes; reads one, at most `room` bytes, and gives their number. */
void   folder_write(const char *name, const void *bytes, size_t size);
size_t folder_read(const char *name, void *bytes, size_t room);

#endif
