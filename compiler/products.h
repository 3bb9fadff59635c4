/* Files that mdlc writes: complete or not at all, and never over a source. */
#ifndef MDLC_PRODUCTS_H
#define MDLC_PRODUCTS_H

#include "source/source.h"

/* Whether `path` is a name to write to: no source, no folder or device, and its own folder there. False after a message. */
bool output_allowed(Arena *a, const SourceMap *sources, const char *path);
/* Writes a whole file, as the runtime writes weight files: it appears when it is complete, and what a killed run has left beside it
 * is removed. False after a message. */
bool write_file(const char *path, const char *text);
/* The same with another file's bytes and permissions. */
bool copy_file(const char *path, const char *from);
/* The same for what can't be made again: it is on the disk before it has its name. */
bool write_source(const char *path, const char *text);
/* Makes a folder and those above it; false after a message. */
bool make_folder(Arena *a, const char *path);
/* A fresh folder for temporary files, removed by temp_remove. NULL after a message. */
const char *temp_create(Arena *a);
void        temp_remove(Arena *a, const char *dir);

#endif
