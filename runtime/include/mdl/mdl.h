/* libmdl: what compiled MDL programs run on. It needs libc and libm, nothing else; it has no globals, and outside of mdl_main
 * it prints nothing and never exits.
 *
 * A program is a constant that a generated .c exports, here `mlp_program`. This loads weights and computes one output:
 *
 *     #include "mlp.h"
 *
 *     int main(void)
 *     {
 *         float         pixels[784] = {0};
 *         const int64_t shape[] = {1, 784};
 *         mdl_tensor    input = {pixels, MDL_FLOAT32, 2, shape}, output = {0};
 *         mdl_model    *model = NULL;
 *         mdl_error     error;
 *
 *         if (mdl_model_create(&mlp_program, &model, &error) != MDL_OK ||
 *             mdl_model_load(model, "mlp.safetensors", &error) != MDL_OK ||
 *             mdl_model_call(model, &input, &output, NULL, &error) != MDL_OK) {
 *             fprintf(stderr, "%s\n", error.message);
 *         }
 *         else printf("%g\n", ((float *)output.data)[0]);
 *         mdl_model_free(model);
 *     }
 *
 * The generated header has a second interface, typed after the model's fields, for programs that bring their own memory.
 *
 * In this file: status, tensors, models, the registry (which weights there are), the manifest, initial values; then what only
 * generated code needs. Functions may be called from several threads at once, as long as each object is used by one of them. */
#ifndef MDL_H
#define MDL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MDL_VERSION "0.1.0"

#if defined(__GNUC__)
#define MDL_API __attribute__((visibility("default")))
#define MDL_PRINTF(text, args) __attribute__((format(printf, text, args)))
#else
#define MDL_API
#define MDL_PRINTF(text, args)
#endif

/* ---- status ---- */

typedef enum mdl_status {
    MDL_OK = 0,
    MDL_BAD_INPUT,  /* an input's shape, dtype or value; a check of the model */
    MDL_BAD_FILE,   /* a weight file that is not what it should be */
    MDL_IO,         /* the operating system said no */
    MDL_NO_MEMORY,
    MDL_USAGE,      /* a wrong argument, a wrong order of calls */
} mdl_status;

/* Filled when a function returns other than MDL_OK; may be NULL everywhere. A message may have several lines, and no newline at
 * its end. */
typedef struct mdl_error {
    mdl_status status;
    char       message[1024];
} mdl_error;

/* Writes the message (printf), sets and returns the status. */
MDL_API mdl_status mdl_fail(mdl_error *error, mdl_status status, const char *format, ...) MDL_PRINTF(3, 4);

/* ---- tensors ---- */

typedef enum mdl_dtype {
    MDL_FLOAT32, MDL_FLOAT64, MDL_FLOAT16, MDL_BFLOAT16, MDL_INT8, MDL_UINT8, MDL_INT16, MDL_INT32, MDL_INT64, MDL_BOOL
} mdl_dtype;

enum { MDL_MAX_RANK = 32 };

/* A dense row-major array. Nobody owns anything through it. 16-bit floats are stored as uint16_t, bool as uint8_t 0 or 1. */
typedef struct mdl_tensor {
    void          *data;
    mdl_dtype      dtype;
    int            rank;
    const int64_t *shape; /* rank sizes, each >= 0 */
} mdl_tensor;

/* "float32", as MDL spells it. */
MDL_API const char *mdl_dtype_name(mdl_dtype dtype);
/* Bytes of one element. */
MDL_API size_t mdl_dtype_size(mdl_dtype dtype);
/* The dtype spelled by `len` bytes at `name`; false if there is none. */
MDL_API bool mdl_dtype_of(const char *name, size_t len, mdl_dtype *dtype);

/* ---- models ---- */

typedef struct mdl_program  mdl_program;  /* a compiled model: code and a description */
typedef struct mdl_model    mdl_model;    /* a program with values for its variables */
typedef struct mdl_registry mdl_registry; /* the variables of a model, without values */

/* Records the program's variables and takes no memory for their values yet. `*model` is NULL after a failure; free it with
 * mdl_model_free. The program must outlive it. */
MDL_API mdl_status mdl_model_create(const mdl_program *program, mdl_model **model, mdl_error *error);
/* Frees the model and what it gave out. NULL is fine. */
MDL_API void mdl_model_free(mdl_model *m);

/* Gives every variable its first value: a function of the seed and the variable's path, the same on every system. */
MDL_API mdl_status mdl_model_init(mdl_model *m, uint64_t seed, mdl_error *error);
/* Reads the values from a .safetensors file. It must hold every variable, by its path or an alias, with its shape and dtype,
 * and nothing else; otherwise MDL_BAD_FILE, the model is as it was, and the message lists the faults. */
MDL_API mdl_status mdl_model_load(mdl_model *m, const char *file, mdl_error *error);
/* The same from bytes, which are not kept; `name` stands for the file in messages. */
MDL_API mdl_status mdl_model_load_memory(mdl_model *m, const char *name, const void *bytes, size_t size, mdl_error *error);
/* Writes the values to a .safetensors file, which appears (or replaces another) only when it is complete. */
MDL_API mdl_status mdl_model_save(mdl_model *m, const char *file, mdl_error *error);

/* Threads that share the work of a call. They change no value: results are the same bits for any number. One call uses them at a
 * time. */
typedef struct mdl_threads mdl_threads;
/* `count` threads, the caller's among them, from 1 to 256; 0: one for each processor. Those beyond the processors that the process
 * may run on would make calls slower, and get no work. Behind a call they look out for the next for half a millisecond, then sleep;
 * one that sleeps is woken for work that is worth it. Free them with mdl_threads_free, after which no call may use them. In the
 * child of a fork calls that are given its parent's threads compute alone: it makes its own. */
MDL_API mdl_status mdl_threads_create(int count, mdl_threads **threads, mdl_error *error);
/* Threads that the program has already: `run` calls part(argument, i) for each i from 0 to parts - 1, on about `count` threads,
 * in any order, and returns when all have returned. A part takes some ten microseconds or more; what is less isn't shared. */
typedef void mdl_parallel_run(void *context, void (*part)(void *argument, int i), void *argument, int parts);
MDL_API mdl_status mdl_threads_wrap(int count, mdl_parallel_run *run, void *context, mdl_threads **threads, mdl_error *error);
MDL_API int  mdl_threads_count(const mdl_threads *threads);
MDL_API void mdl_threads_free(mdl_threads *threads); /* NULL is fine */

/* What a call may be told beside its tensors. */
typedef struct mdl_run {
    uint64_t     seed;    /* of random.* in the model */
    mdl_threads *threads; /* NULL: the caller's alone */
} mdl_run;

/* Computes. `inputs` and `outputs` have a tensor for each of the program's, in its order. An output whose `data` is NULL is
 * filled in, and points to memory of the model until the next call; one with memory must have the right dtype and shape.
 * `run` may be NULL. A model computes one call at a time: another thread takes a model of its own from mdl_model_share. */
MDL_API mdl_status mdl_model_call(mdl_model *m, const mdl_tensor *inputs, mdl_tensor *outputs, const mdl_run *run,
                                  mdl_error *error);
/* Gives the states that calls have changed their first values again. */
MDL_API mdl_status mdl_model_reset(mdl_model *m, mdl_error *error);
/* Makes the states, as calls have left them, the values of their variables: mdl_model_save writes them then. */
MDL_API mdl_status mdl_model_keep(mdl_model *m, mdl_error *error);
/* A second model with the same weights, and states of its own. `m` must outlive it and keep its values meanwhile. */
MDL_API mdl_status mdl_model_share(mdl_model *m, mdl_model **shared, mdl_error *error);

/* Its variables; owned by the model. */
MDL_API mdl_registry *mdl_model_registry(mdl_model *m);
/* Prepares the weights for calls: computes what depends on them alone, such as filters in the order in which a kernel reads them.
 * The first call, mdl_model_share and mdl_model_weights do it, too, if nobody has: call it for a first call as fast as the
 * others. `run` may be NULL; its threads help. */
MDL_API mdl_status mdl_model_prepare(mdl_model *m, const mdl_run *run, mdl_error *error);
/* The structs that the program's typed call takes, `<Model>_weights` and `<Model>_states`; NULL before there are values, if
 * the program has none, or if preparing the weights fails. They belong to the model. */
MDL_API const void *mdl_model_weights(mdl_model *m);
MDL_API void       *mdl_model_states(mdl_model *m);
/* The values of a variable, by its place in the registry; NULL before there are any. Writing to them changes the model, once
 * mdl_model_changed has been told: prepared weights are prepared anew, which loading and initializing do by themselves. */
MDL_API void      *mdl_model_values(mdl_model *m, int32_t variable);
MDL_API mdl_status mdl_model_changed(mdl_model *m, mdl_error *error);

/* Memory of one's own: values lie in the manifest's order, each at a multiple of 64 bytes. mdl_model_bind comes before init and
 * load; `memory` begins at a multiple of 64, has mdl_model_bytes, and outlives the model. With `filled` what is there are the
 * values already. Without mdl_model_bind, memory is taken when values are first needed. */
MDL_API uint64_t   mdl_model_bytes(const mdl_model *m);
MDL_API uint64_t   mdl_model_offset(const mdl_model *m, int32_t variable);
MDL_API mdl_status mdl_model_bind(mdl_model *m, void *memory, uint64_t size, bool filled, mdl_error *error);

/* Takes `size` bytes; returns false to stop. */
typedef bool mdl_write(void *context, const char *bytes, size_t size);

/* Looks for all that mdl_model_load would find wrong with a file, and writes a line about each fault; `write` may be NULL. */
MDL_API mdl_status mdl_model_verify(mdl_model *m, const char *file, mdl_write *write, void *context, mdl_error *error);
/* Writes the file that mdl_model_init and mdl_model_save would, without keeping the values in memory. */
MDL_API mdl_status mdl_model_save_initial(mdl_model *m, uint64_t seed, const char *file, mdl_error *error);

/* ---- the registry: which variables a model has ---- */

typedef int32_t                mdl_layer; /* a layer in a registry; the model itself is MDL_MODEL */
typedef struct mdl_initializer mdl_initializer;
enum { MDL_MODEL = 0, MDL_NO_LAYER = -1 };

typedef struct mdl_variable {
    const char            *path; /* "encoder.blocks.3.attn.query.kernel": unique */
    mdl_dtype              dtype;
    int                    rank;
    const int64_t         *shape;
    uint64_t               elements, bytes; /* UINT64_MAX if they do not fit */
    bool                   trainable;
    mdl_layer              layer;
    const mdl_initializer *init;
} mdl_variable;

/* The variables in the order of the manifest: a layer's trainable ones, its others, then its sub-layers depth first. The
 * answers live as long as the registry, until something is added to it. NULL beyond the last. */
MDL_API int32_t             mdl_registry_count(mdl_registry *r);
MDL_API const mdl_variable *mdl_registry_variable(mdl_registry *r, int32_t index);
/* Looks up a path, then an alias, of `len` bytes; -1 if nothing has that name. */
MDL_API int32_t mdl_registry_find(mdl_registry *r, const char *name, size_t len);

/* ---- the manifest ---- */

typedef enum mdl_manifest_format { MDL_TEXT, MDL_JSON, MDL_CSV, MDL_MARKDOWN } mdl_manifest_format;
typedef enum mdl_selection { MDL_ALL, MDL_TRAINABLE, MDL_NON_TRAINABLE } mdl_selection;

/* Zero is the default: text of everything, 80 columns. */
typedef struct mdl_manifest_options {
    mdl_manifest_format format;
    bool                layers; /* layers instead of variables: text (a tree), CSV and Markdown; JSON always has both */
    mdl_selection       select;
    const char         *filter; /* a glob over paths and aliases; NULL: all */
    const char         *line;   /* one line for each variable after this template, instead of a format; NULL: none */
    int                 width;  /* columns of text; 0: 80; MDL_WIDE: as many as needed */
} mdl_manifest_options;

enum { MDL_WIDE = -1 };

/* Prints. The same registry and options give the same bytes, anywhere. MDL_IO if `write` stops. */
MDL_API mdl_status mdl_manifest(mdl_registry *r, const mdl_manifest_options *options, mdl_write *write, void *context,
                                mdl_error *error);

/* Reads the option at argv[*at] (`--format json`, `--format=json`, `--layers`, ...). Returns 1 and moves *at behind it and its
 * value; 0 if it isn't an option of the manifest; -1 and fills `error` if it is wrong. */
MDL_API int mdl_manifest_option(mdl_manifest_options *options, int argc, char *const *argv, int *at, mdl_error *error);
/* What can be checked only when all options are read: MDL_USAGE for two that contradict each other. */
MDL_API mdl_status mdl_manifest_check(const mdl_manifest_options *options, mdl_error *error);
/* A width for text on standard output: a terminal's, else 0. */
MDL_API int mdl_manifest_width(void);
/* The lines of a --help that explain these options. */
MDL_API const char *mdl_manifest_help(void);

/* ---- initial values ---- */

/* How a first value is made, and the fields of mdl_initializer that say more. */
typedef enum mdl_init_kind {
    MDL_INIT_ZEROS,
    MDL_INIT_ONES,
    MDL_INIT_CONSTANT,         /* a: the value */
    MDL_INIT_IDENTITY,         /* a: the gain */
    MDL_INIT_RANDOM_NORMAL,    /* a: mean, b: stddev */
    MDL_INIT_RANDOM_UNIFORM,   /* a: minval, b: maxval */
    MDL_INIT_TRUNCATED_NORMAL, /* a: mean, b: stddev */
    MDL_INIT_VARIANCE_SCALING, /* a: scale; mode, distribution; in_axes and out_axes, else Keras' rule for kernels */
    MDL_INIT_ORTHOGONAL,       /* a: the gain */
    MDL_INIT_STFT,             /* a: 0 real, 1 imaginary; b: scaling, 0 none, 1 density, 2 spectrum; window, periodic */
    MDL_INIT_VALUES,           /* values: count of them, one for each element, row-major */
    MDL_INIT_PIECEWISE,        /* parts: count of them, side by side along the last axis, lengths[i] wide */
} mdl_init_kind;

typedef enum mdl_fan_mode { MDL_FAN_IN, MDL_FAN_OUT, MDL_FAN_AVG } mdl_fan_mode;
typedef enum mdl_distribution { MDL_DIST_TRUNCATED_NORMAL, MDL_DIST_UNTRUNCATED_NORMAL, MDL_DIST_UNIFORM } mdl_distribution;
typedef enum mdl_window {
    MDL_WINDOW_NONE, MDL_WINDOW_HANN, MDL_WINDOW_HAMMING, MDL_WINDOW_BLACKMAN, MDL_WINDOW_VALUES
} mdl_window;

/* The formulas are Keras' (docs/initializers.md). What a kind doesn't use is zero. */
struct mdl_initializer {
    mdl_init_kind          kind;
    const char            *text; /* as the manifest prints it: "glorot_uniform", "random_normal(stddev=0.02)" */
    double                 a, b;
    mdl_fan_mode           mode;
    mdl_distribution       distribution;
    uint32_t               in_axes, out_axes; /* bit i: axis i counts as input, output */
    mdl_window             window;
    bool                   periodic;
    const double          *values; /* or, for MDL_WINDOW_VALUES, the window */
    const mdl_initializer *parts;
    const int64_t         *lengths;
    int                    count;
};

/* Makes the elements [first, first + count) of a variable, in its dtype. They are a function of (seed, path), whatever part is
 * asked for, and the same bits on every system. Takes memory of its own only for orthogonal matrices, STFT kernels and
 * parts. */
MDL_API mdl_status mdl_initialize(const mdl_initializer *init, uint64_t seed, const char *path, mdl_dtype dtype, int rank,
                                  const int64_t *shape, uint64_t first, uint64_t count, void *out, mdl_error *error);

/* ---- for generated code: recording layers and variables ---- */

typedef enum mdl_layer_state { MDL_BUILT, MDL_UNUSED, MDL_UNBUILT } mdl_layer_state;

/* A name in another tool's scheme: `text` (number <= 0: as it is; n > 0: "text_n"). NULL: the layer has no scope there. */
typedef struct mdl_name {
    const char *text;
    int64_t     number;
} mdl_name;

typedef struct mdl_layer_info {
    const char     *class_name;   /* "Dense" */
    mdl_name        keras;        /* the layer's Keras name: {"dense", 2} is dense_2 */
    const char     *keras2;       /* its name in Keras 2, "" if it has no scope there; NULL: as in Keras 3 */
    mdl_layer       keras_parent; /* the layer in whose scope it was first called, if that isn't its owner; else MDL_NO_LAYER */
    mdl_name        h5;           /* its group below its h5_parent's in a .weights.h5: {"layers/dense", 1} */
    mdl_layer       h5_parent;    /* else MDL_NO_LAYER: the owner */
    const char     *output;       /* "float32[batch, 10]", or NULL if it never ran */
    const char     *file;         /* where the instance was created */
    int32_t         line;
    mdl_layer_state state;
    const char     *missing;      /* MDL_UNBUILT: what is missing, in words */
    bool            frozen;       /* trainable=false stands on this instance: it and all below are not trainable */
} mdl_layer_info;

typedef struct mdl_variable_info {
    const char            *name; /* "kernel" */
    mdl_dtype              dtype;
    int                    rank;
    const int64_t         *shape;
    bool                   is_state;   /* training does not update it */
    bool                   frozen;     /* trainable=false on the declaration itself */
    bool                   in_place;   /* frozen, but listed where it would be if it were trainable */
    const mdl_initializer *init;       /* NULL: zeros */
    const char *const     *aliases;    /* further names under which files may hold it; NULL-terminated, or NULL */
    const char            *h5;         /* its dataset below the layer's group: "vars/0"; NULL if such files don't hold it */
    const char            *keras;      /* its Keras 3 name if not `name`; else NULL */
    const char            *keras2;     /* its Keras 2 name if not `name`, "../name" if Keras 2 leaves out the layer; else NULL */
} mdl_variable_info;

/* A variable of another layer that a layer lists among its own, under a name of its own. */
typedef struct mdl_listing_info {
    const char *name;     /* "kernel" */
    mdl_layer   owner;    /* whose variable it is; may be added later */
    const char *variable; /* its name there */
    const char *h5;       /* its second dataset, below the group of the layer that lists it: "vars/0"; or NULL */
} mdl_listing_info;

typedef struct mdl_port_info {
    const char *name; /* "inputs", "inputs.0", "logits" */
    const char *type; /* "float32[batch, 784]"; NULL if it isn't known */
} mdl_port_info;

/* `model` is the class name, `file` and `line` its declaration, `keras` its Keras name ("my_model"). NULL if there is no
 * memory. */
MDL_API mdl_registry *mdl_registry_create(const char *model, const mdl_layer_info *info);
MDL_API mdl_status    mdl_registry_status(const mdl_registry *r);
MDL_API void          mdl_registry_free(mdl_registry *r); /* NULL is fine */

/* Strings and arrays given to these functions must outlive the registry (they are constants of the generated code).
 * `component` is the path below the parent: "dense1", "blocks.3", "heads.cls"; mdl_layer_item appends ".index" to it.
 * Layers are added parents first, in the order of declaration; so are the variables of a layer, weights and states as
 * declared: the registry sorts trainable before non-trainable. A failure (memory) sticks: it is returned by
 * mdl_registry_status, and later calls do nothing. */
MDL_API mdl_layer mdl_layer_add(mdl_registry *r, mdl_layer parent, const char *component, const mdl_layer_info *info);
MDL_API mdl_layer mdl_layer_item(mdl_registry *r, mdl_layer parent, const char *component, int64_t index,
                                 const mdl_layer_info *info);
/* `slot` is the address of the pointer through which the generated code reads the variable; it is set when memory is
 * bound. May be NULL (a manifest needs none). */
MDL_API void mdl_variable_add(mdl_registry *r, mdl_layer layer, const mdl_variable_info *info, void *slot);
/* Stands in the order of the layer's own variables, and in the manifest where it is listed first. */
MDL_API void mdl_variable_list(mdl_registry *r, mdl_layer layer, const mdl_listing_info *info);
/* The layer `first` can also be reached as `component` below `parent` (shared layers). */
MDL_API void mdl_layer_alias(mdl_registry *r, mdl_layer parent, const char *component, mdl_layer first);
/* A second pointer to the same variable: after binding *slot = *first. */
MDL_API void mdl_slot_alias(mdl_registry *r, void *first, void *slot);
MDL_API void mdl_registry_ports(mdl_registry *r, int ninputs, const mdl_port_info *inputs, int noutputs,
                                const mdl_port_info *outputs);

/* ---- for generated code: the program as data ---- */

typedef struct mdl_port {
    const char *name;
    const char *type; /* for messages and the manifest: "float32[batch, 784]" */
    mdl_dtype   dtype;
    int         rank;
} mdl_port;

struct mdl_program {
    const char     *name;
    const char     *file; /* the .mdl */
    int             ninputs, noutputs, nsymbols;
    const mdl_port *inputs, *outputs;
    const char *const *symbols; /* names of the symbolic dimensions, in the order of `int64_t symbols[]` below */
    size_t          weights_size; /* of the generated weights struct (pointers), and of its states struct (values) */
    size_t          states_size;
    size_t          prepared_size; /* what `prepare` needs; the first prepared_values bytes are the values */
    size_t          prepared_values;
    uint64_t        prepared_key; /* of what they are and how they are computed */
    mdl_registry *(*instantiate)(void *weights); /* records every variable; `weights` receives the slots, may be NULL */
    /* Reads the symbols from the inputs' shapes and checks those; shapes[i] has inputs[i].rank sizes. */
    mdl_status (*bind)(const int64_t *const *shapes, int64_t *symbols, mdl_error *error);
    void (*output_shape)(const int64_t *symbols, int output, int64_t *shape);
    size_t (*workspace_size)(const int64_t *symbols);
    /* Computes what depends on the weights alone, once they have their values, into memory that stays. NULL: nothing does. */
    mdl_status (*prepare)(void *weights, void *memory, const mdl_run *run, mdl_error *error);
    /* The same where `memory` has the values already. */
    void (*attach)(void *weights, const void *memory);
    /* Copies the initial values of the assigned states from the bound weights into `states`. */
    void (*reset)(const void *weights, void *states);
    /* The other way, into the memory of the weights, which must be writable. NULL if no state is assigned. */
    void (*keep)(const void *weights, const void *states);
    mdl_status (*call)(const void *weights, void *states, const int64_t *symbols, const void *const *inputs,
                       void *const *outputs, void *workspace, const mdl_run *run, mdl_error *error);
    int profiled; /* its steps say when they begin: built with --profile */
};

/* The instructions that this processor computes with: "avx512", "avx2" or "sse2" on x86-64, "neon" on AArch64, "baseline" elsewhere.
 * MDL_ISA in the environment asks for one, or for "scalar": kernels without vectors. It is read once, before the first call. */
MDL_API const char *mdl_isa_name(void);
/* MDL_USAGE if MDL_ISA asks for one that is unknown or not there; the message says which are. Who doesn't ask, computes with the widest
 * there is. The programs of mdlc ask. */
MDL_API mdl_status mdl_isa_check(mdl_error *error);

/* The command line of every compiled program: manifest, init, run, verify. Returns the exit status. */
MDL_API int mdl_main(const mdl_program *program, int argc, char **argv);

#ifdef __cplusplus
}
#endif
#endif
