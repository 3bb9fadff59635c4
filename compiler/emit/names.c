#include "names.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "../base/bug.h"
#include "../base/str.h"
#include "../ir/ir.h"

/* Keywords of C11 and C++20, macros and types of the headers that generated code includes, and what it calls itself: never
 * a name. In the order of strcmp. */
static const char *const keywords[] = {
    "BUFSIZ", "EDOM", "EILSEQ", "EOF", "ERANGE", "FILE", "FILENAME_MAX", "HUGE_VAL", "HUGE_VALF",
    "HUGE_VALL", "I", "INFINITY", "L_tmpnam", "MATH_ERREXCEPT", "NAN", "NULL", "RAND_MAX", "TMP_MAX", "WCHAR_MAX",
    "WCHAR_MIN", "alignas", "alignof", "and", "and_eq", "asm", "assert", "auto", "bitand", "bitor", "bool", "break",
    "case", "catch", "char", "char16_t", "char32_t", "char8_t", "class", "co_await", "co_return", "co_yield", "compl",
    "complex", "concept", "const", "const_cast", "consteval", "constexpr", "constinit", "continue", "decltype",
    "default", "delete", "do", "double", "double_t", "dynamic_cast", "else", "enum", "errno", "explicit", "export",
    "extern", "false", "float", "float_t", "for", "friend", "goto", "i386", "if", "imaginary", "inline", "int",
    "int16_t", "int32_t", "int64_t", "int8_t", "intmax_t", "intptr_t", "linux", "long", "max_align_t", "memcpy",
    "mutable", "namespace", "new", "noexcept", "noreturn", "not", "not_eq", "nullptr", "offsetof", "operator", "or",
    "or_eq", "private", "protected", "ptrdiff_t", "public", "register", "reinterpret_cast", "requires", "restrict",
    "return", "short", "signed", "size_t", "sizeof", "static", "static_assert", "static_cast", "stderr", "stdin",
    "stdout", "struct", "switch", "template", "this", "thread_local", "throw", "true", "try", "typedef", "typeid",
    "typename", "typeof", "uint16_t", "uint32_t", "uint64_t", "uint8_t", "uintmax_t", "uintptr_t", "union", "unix",
    "unsigned", "using", "va_arg", "va_copy", "va_end", "va_list", "va_start", "virtual", "void", "volatile",
    "wchar_t", "while", "xor", "xor_eq",
};

/* Functions of the standard library, and of POSIX where <math.h> declares them unasked: not a name of a function or a type,
 * but good for a variable or a member. In the order of strcmp. */
static const char *const functions[] = {
    "abort", "abs", "acos", "acosf", "acosh", "acoshf", "acoshl", "acosl", "aligned_alloc", "asctime", "asin",
    "asinf", "asinh", "asinhf", "asinhl", "asinl", "at_quick_exit", "atan", "atan2", "atan2f", "atan2l", "atanf",
    "atanh", "atanhf", "atanhl", "atanl", "atexit", "atof", "atoi", "atol", "atoll", "bcmp", "bcopy", "bsearch",
    "bzero", "calloc", "cbrt", "cbrtf", "cbrtl", "ceil", "ceilf", "ceill", "clearerr", "clock", "copysign",
    "copysignf", "copysignl", "cos", "cosf", "cosh", "coshf", "coshl", "cosl", "ctime", "difftime", "div", "div_t",
    "drem", "erf", "erfc", "erfcf", "erfcl", "erff", "erfl", "exit", "exp", "exp2", "exp2f", "exp2l", "expf", "expl",
    "expm1", "expm1f", "expm1l", "fabs", "fabsf", "fabsl", "fclose", "fdim", "fdimf", "fdiml", "feof", "ferror",
    "fflush", "ffs", "fgetc", "fgetpos", "fgets", "finite", "floor", "floorf", "floorl", "fma", "fmaf", "fmal",
    "fmax", "fmaxf", "fmaxl", "fmin", "fminf", "fminl", "fmod", "fmodf", "fmodl", "fopen", "fpclassify", "fpos_t",
    "fprintf", "fputc", "fputs", "fread", "free", "freopen", "frexp", "frexpf", "frexpl", "fscanf", "fseek",
    "fsetpos", "ftell", "fwrite", "gamma", "getc", "getchar", "getenv", "hypot", "hypotf", "hypotl", "ilogb",
    "ilogbf", "ilogbl", "imaxabs", "imaxdiv", "index", "isfinite", "isgreater", "isgreaterequal", "isinf", "isless",
    "islessequal", "islessgreater", "isnan", "isnormal", "isunordered", "j0", "j1", "jn", "labs", "ldexp", "ldexpf",
    "ldexpl", "ldiv", "lgamma", "lgammaf", "lgammal", "llabs", "lldiv", "llrint", "llrintf", "llrintl", "llround",
    "llroundf", "llroundl", "log", "log10", "log10f", "log10l", "log1p", "log1pf", "log1pl", "log2", "log2f", "log2l",
    "logb", "logbf", "logbl", "logf", "logl", "lrint", "lrintf", "lrintl", "lround", "lroundf", "lroundl", "main",
    "malloc", "mblen", "mbstowcs", "mbtowc", "memccpy", "memchr", "memcmp", "memmove", "memset", "modf", "modff",
    "modfl", "module", "nan", "nanf", "nanl", "nearbyint", "nearbyintf", "nearbyintl", "nextafter", "nextafterf",
    "nextafterl", "nexttoward", "nexttowardf", "nexttowardl", "perror", "pow", "powf", "powl", "printf", "putc",
    "putchar", "puts", "qsort", "quick_exit", "rand", "realloc", "remainder", "remainderf", "remainderl", "remove",
    "remquo", "remquof", "remquol", "rename", "rewind", "rindex", "rint", "rintf", "rintl", "round", "roundf",
    "roundl", "scalb", "scalbln", "scalblnf", "scalblnl", "scalbn", "scalbnf", "scalbnl", "scanf", "setbuf",
    "setvbuf", "signbit", "signgam", "significand", "sin", "sinf", "sinh", "sinhf", "sinhl", "sinl", "snprintf",
    "sprintf", "sqrt", "sqrtf", "sqrtl", "srand", "sscanf", "strcasecmp", "strcat", "strchr", "strcmp", "strcoll",
    "strcpy", "strcspn", "strdup", "strerror", "strlen", "strncasecmp", "strncat", "strncmp", "strncpy", "strndup",
    "strpbrk", "strrchr", "strspn", "strstr", "strtod", "strtof", "strtok", "strtol", "strtold", "strtoll", "strtoul",
    "strtoull", "strxfrm", "system", "tan", "tanf", "tanh", "tanhf", "tanhl", "tanl", "tgamma", "tgammaf", "tgammal",
    "time", "time_t", "tmpfile", "tmpnam", "trunc", "truncf", "truncl", "ungetc", "vfprintf", "vfscanf", "vprintf",
    "vscanf", "vsnprintf", "vsprintf", "vsscanf", "wcstombs", "wctomb", "y0", "y1", "yn",
};

/* What the generated functions call parameters and variables of their own: not a name of a function that they call. */
static const char *const locals[] = {
    "at", "component", "error", "i", "index", "key", "n", "parent", "r", "root", "run", "s", "self", "shape",
    "shapes", "states", "symbols", "w", "weights", "which", "work", "workspace",
};

/* Members of what kernels are given, which the code names: a function of that name, which is a macro, would change them. Those of
 * attributes are in ops.def. */
static const char *const members[] = {
    "beside", "bias", "context", "count", "high", "low", "run", "size", "weights", "workspace",
};

static int compare(const void *key, const void *entry)
{
    return strcmp(key, *(const char *const *)entry);
}

static bool starts(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* INT8_MAX, UINT64_C, PRId64, FP_NAN, M_PI, FLT_EPSILON: macros of <stdint.h>, <inttypes.h>, <limits.h>, <math.h>, <float.h>. */
static bool is_macro_family(const char *name)
{
    static const char *const families[] = {"INT",   "UINT",  "PTRDIFF_", "SIZE_", "SIG_ATOMIC_", "PRI",    "SCN",
                                           "CHAR_", "SCHAR_", "UCHAR_", "SHRT_", "USHRT_",      "LONG_",  "ULONG_",
                                           "LLONG_", "ULLONG_", "MB_LEN_", "FP_", "M_",         "MATH_",  "EXIT_",
                                           "SEEK_", "FLT_",  "DBL_",     "LDBL_", "P_tmpdir",   "NDEBUG"};
    for (size_t i = 0; i < countof(families); i++) {
        if (starts(name, families[i])) return true;
    }
    return false;
}

bool name_is_reserved(const char *name)
{
    if (starts(name, "mdl_") || starts(name, "MDL_") || starts(name, "__") || is_macro_family(name)) return true;
    if (name[0] == '_' && isupper((unsigned char)name[1])) return true;
    return bsearch(name, keywords, countof(keywords), sizeof *keywords, compare) != NULL;
}

bool name_is_function(const char *name)
{
    return bsearch(name, functions, countof(functions), sizeof *functions, compare) != NULL;
}

static bool name_is_local(const char *name)
{
    return bsearch(name, locals, countof(locals), sizeof *locals, compare) != NULL;
}

static bool name_is_member(const char *name)
{
    for (int code = 0; code < OPC_COUNT; code++) {
        for (const AttrSpec *attr = op_table[code].attrs; attr->kind != ATTR_END; attr++) {
            if (strcmp(attr->name, name) == 0) return true;
        }
    }
    return bsearch(name, members, countof(members), sizeof *members, compare) != NULL;
}

/* At file scope a function's name clashes with the function; inside it only hides it. */
static bool is_refused(const Names *n, const char *name)
{
    return name_is_reserved(name) || (n->is_file && (name_is_function(name) || name_is_local(name) || name_is_member(name)));
}

Names *names_create(Arena *a, const Names *around, bool is_file)
{
    Names *n = arena_new(a, Names);
    *n = (Names){.arena = a, .is_file = is_file, .around = around, .interner = around ? around->interner : interner_create(a), .taken = {.arena = a}};
    return n;
}

/* The number behind the last name that was made from this one; so the next is found without trying all. */
typedef struct Suffix {
    int number;
} Suffix;

static void take(Names *n, const Sym *name)
{
    Suffix *s = arena_new(n->arena, Suffix);
    s->number = 1;
    map_set(&n->taken, name, s);
}

static bool is_taken(const Names *n, const Sym *name)
{
    for (; n; n = n->around) {
        if (map_has(&n->taken, name)) return true;
    }
    return false;
}

/* Letters, digits and underscores, not beginning with a digit, not empty. */
static const char *identifier(Arena *a, const char *wish)
{
    StrBuf b = {.arena = a};
    if (!*wish || isdigit((unsigned char)*wish)) sb_putc(&b, 'x');
    for (; *wish; wish++) {
        unsigned char c = (unsigned char)*wish;
        sb_putc(&b, c < 0x80 && isalnum(c) ? *wish : '_');
    }
    return sb_text(&b);
}

/* Of a name that is taken, here or around; a scope counts on from where the one around it is. */
static Suffix *find_suffix(Names *n, const Sym *name)
{
    Suffix *own = map_get(&n->taken, name);
    for (const Names *scope = n->around; scope && !own; scope = scope->around) {
        const Suffix *outer = map_get(&scope->taken, name);
        if (!outer) continue;
        take(n, name);
        own = map_get(&n->taken, name);
        own->number = outer->number;
    }
    return own;
}

char *names_claim(Names *n, const char *wish)
{
    const char *base = identifier(n->arena, wish);
    if (starts(base, "mdl_") || starts(base, "MDL_") || base[0] == '_') base = arena_printf(n->arena, "x%s%s", base[0] == '_' ? "" : "_", base);
    if (is_refused(n, base)) base = arena_printf(n->arena, "%s_", base);
    if (is_refused(n, base)) base = arena_printf(n->arena, "x_%s", base);
    const Sym *name = intern_z(n->interner, base);
    Suffix    *last = find_suffix(n, name);
    if (last) {
        do name = intern_z(n->interner, arena_printf(n->arena, "%s_%d", base, ++last->number));
        while (is_taken(n, name));
    }
    take(n, name);
    return arena_copy(n->arena, name->text, name->len);
}

bool names_hide(const Names *inner, const char *name)
{
    for (; inner && !inner->is_file; inner = inner->around) {
        if (map_has(&inner->taken, intern_z(inner->interner, name))) return true;
    }
    return false;
}

char *names_claim_visible(Names *file, const Names *inner, const char *wish)
{
    char *name;
    do name = names_claim(file, wish);
    while (names_hide(inner, name));
    return name;
}

void names_reserve(Names *n, const char *name)
{
    take(n, intern_z(n->interner, name));
}
