/* JSON: writing strings, and a strict reader of what fits in a weight file's header. */
#ifndef MDL_JSON_H
#define MDL_JSON_H

#include "text.h"

/* Puts a quoted string. Bytes that aren't UTF-8 become U+FFFD. */
void mdl_json_string(Text *out, const char *s, size_t len);

#endif
