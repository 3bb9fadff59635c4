/* JSON: writing strings, and a strict reader for what stands in a weight file's header. */
#ifndef MDL_JSON_H
#define MDL_JSON_H

#include "pool.h"
#include "text.h"

/* Puts a quoted string. Bytes that aren't UTF-8 become U+FFFD. */
void mdl_json_string(Text *out, const char *s, size_t len);

/* Reads from s[at..len). The first fault sticks: what it is, and `at` where. Readers then do nothing and give false. */
typedef struct Json {
    const char *s;
    size_t      len, at;
    Pool       *pool; /* of the strings that are read */
    const char *fault;
} Json;

/* Skips blanks; whether `c` follows, and if so moves behind it. */
bool mdl_json_take(Json *j, char c);
/* The same, and a fault if it doesn't. */
bool mdl_json_expect(Json *j, char c);
/* A string: valid UTF-8, escapes decoded, no NUL; `*text` ends in a NUL. */
bool mdl_json_read_string(Json *j, const char **text, size_t *len);
/* A number that is an integer from 0 to `max`. */
bool mdl_json_read_count(Json *j, uint64_t max, uint64_t *value);
/* A string, a number, true, false or null, whichever it is. */
bool mdl_json_skip_scalar(Json *j);
/* Only blanks may follow. */
bool mdl_json_end(Json *j);
bool mdl_json_fault(Json *j, const char *fault);

#endif
