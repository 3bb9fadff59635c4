/* libmdl: what a compiled MDL program runs on. libc and libm, nothing else; no globals, no output, no exit. */
#ifndef MDL_H
#define MDL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MDL_VERSION "0.1.0"

/* ---- status ---- */

typedef enum mdl_status {
    MDL_OK = 0,
    MDL_BAD_INPUT,  /* an input's shape, dtype or value; a check of the model */
    MDL_BAD_FILE,   /* a weight file that is not what it should be */
    MDL_IO,         /* the operating system said no */
    MDL_NO_MEMORY,
    MDL_USAGE,      /* a wrong argument, a wrong order of calls */
} mdl_status;

/* Filled when a function returns other than MDL_OK; may be NULL everywhere. */
typedef struct mdl_error {
    mdl_status status;
    char       message[1024];
} mdl_error;

/* Writes the message (printf), sets and returns the status. */
mdl_status mdl_fail(mdl_error *error, mdl_status status, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 3, 4)))
#endif
    ;

/* ---- tensors ---- */

typedef enum mdl_dtype {
    MDL_FLOAT32, MDL_FLOAT64, MDL_FLOAT16, MDL_BFLOAT16, MDL_INT8, MDL_UINT8, MDL_INT16, MDL_INT32, MDL_INT64, MDL_BOOL
} mdl_dtype;

enum { MDL_MAX_RANK = 32 };

/* "float32", as MDL spells it. */
const char *mdl_dtype_name(mdl_dtype dtype);
/* Bytes of one element. */
size_t mdl_dtype_size(mdl_dtype dtype);
/* The dtype spelled by `len` bytes at `name`; false if there is none. */
bool mdl_dtype_of(const char *name, size_t len, mdl_dtype *dtype);

/* A dense row-major array. Nobody owns anything through it. 16-bit floats are stored as uint16_t, bool as uint8_t 0 or 1. */
typedef struct mdl_tensor {
    void          *data;
    mdl_dtype      dtype;
    int            rank;
    const int64_t *shape; /* rank sizes, each >= 0 */
} mdl_tensor;

/* ---- the registry: every variable of a model, recorded as its layers are instantiated ---- */

typedef struct mdl_registry mdl_registry;
typedef int32_t             mdl_layer; /* a layer in a registry; the model itself is MDL_MODEL */
enum { MDL_MODEL = 0, MDL_NO_LAYER = -1 };

typedef enum mdl_layer_state { MDL_BUILT, MDL_UNUSED, MDL_UNBUILT } mdl_layer_state;

/* A name in another tool's scheme: `text` (number <= 0: as it is; n > 0: "text_n"). */
typedef struct mdl_name {
    const char *text;
    int64_t     number;
} mdl_name;

typedef struct mdl_layer_info {
    const char     *class_name;   /* "Dense" */
    mdl_name        keras;        /* the layer's Keras name: {"dense", 2} is dense_2 */
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

typedef enum mdl_init_kind {
    MDL_INIT_ZEROS, MDL_INIT_ONES, MDL_INIT_CONSTANT, MDL_INIT_IDENTITY, MDL_INIT_RANDOM_NORMAL, MDL_INIT_RANDOM_UNIFORM,
    MDL_INIT_TRUNCATED_NORMAL, MDL_INIT_VARIANCE_SCALING, MDL_INIT_ORTHOGONAL, MDL_INIT_STFT, MDL_INIT_VALUES, MDL_INIT_PIECEWISE
} mdl_init_kind;

typedef enum mdl_fan_mode { MDL_FAN_IN, MDL_FAN_OUT, MDL_FAN_AVG } mdl_fan_mode;
typedef enum mdl_window { MDL_WINDOW_NONE, MDL_WINDOW_HANN, MDL_WINDOW_HAMMING, MDL_WINDOW_BLACKMAN, MDL_WINDOW_VALUES } mdl_window;
typedef enum mdl_distribution { MDL_DIST_TRUNCATED_NORMAL, MDL_DIST_UNTRUNCATED_NORMAL, MDL_DIST_UNIFORM } mdl_distribution;

/* How a variable's first value is made; the formulas are Keras' (docs/initializers.md). */
typedef struct mdl_initializer {
    mdl_init_kind    kind;
    const char      *text;   /* as the manifest prints it: "glorot_uniform", "random_normal(stddev=0.02)" */
    double           a, b;   /* constant: value; identity, orthogonal: gain; normal, truncated: mean, stddev; uniform: minval, maxval;
                              * variance scaling: scale; STFT: a: 0 real, 1 imaginary, b: scaling: 0 none, 1 density, 2 spectrum */
    mdl_fan_mode     mode;
    mdl_distribution distribution;
    uint32_t         in_axes, out_axes; /* variance scaling: bit i set = axis i counts as input/output; both 0: Keras' rule for kernels */
    mdl_window       window;            /* MDL_INIT_STFT */
    bool             periodic;
    const double    *values;            /* MDL_INIT_VALUES: one for each element, row-major; MDL_WINDOW_VALUES: the window */
    const struct mdl_initializer *parts; /* MDL_INIT_PIECEWISE: along the last axis, parts[i] for lengths[i] elements */
    const int64_t   *lengths;
    int              count;             /* values or parts */
} mdl_initializer;

typedef struct mdl_variable_info {
    const char            *name; /* "kernel" */
    mdl_dtype              dtype;
    int                    rank;
    const int64_t         *shape;
    bool                   is_state;   /* training does not update it */
    bool                   frozen;     /* trainable=false on the declaration itself */
    const mdl_initializer *init;
    const char *const     *aliases;    /* further names under which files may hold it; NULL-terminated, or NULL */
    const char            *h5;         /* its dataset below the layer's group: "vars/0" */
    const char            *keras;      /* its Keras 3 name if not `name`; else NULL */
    const char            *keras2;     /* its Keras 2 name if not `name`; else NULL */
} mdl_variable_info;

/* Strings and arrays given to these functions must outlive the registry (they are constants of the generated code).
 * `component` is the path below the parent: "dense1", "blocks.3", "heads.cls"; mdl_layer_item appends ".index" to it.
 * Layers are added parents first, in the order of declaration; so are the variables of a layer, weights and states as
 * declared: the registry sorts trainable before non-trainable. A failure (memory) sticks: it is returned by
 * mdl_registry_status, and later calls do nothing. */
mdl_layer mdl_layer_add(mdl_registry *r, mdl_layer parent, const char *component, const mdl_layer_info *info);
mdl_layer mdl_layer_item(mdl_registry *r, mdl_layer parent, const char *component, int64_t index, const mdl_layer_info *info);
/* `slot` is the address of the pointer through which the generated code reads the variable; it is set when memory is
 * bound. May be NULL (a manifest needs none). */
void mdl_variable_add(mdl_registry *r, mdl_layer layer, const mdl_variable_info *info, void *slot);
/* The layer `first` can also be reached as `component` below `parent` (shared layers). */
void mdl_layer_alias(mdl_registry *r, mdl_layer parent, const char *component, mdl_layer first);
/* A second pointer to the same variable: after binding *slot = *first. */
void mdl_slot_alias(mdl_registry *r, void *first, void *slot);

typedef struct mdl_port_info {
    const char *name; /* "inputs", "inputs.0", "logits" */
    const char *type; /* "float32[batch, 784]" */
} mdl_port_info;
void mdl_registry_ports(mdl_registry *r, int ninputs, const mdl_port_info *inputs, int noutputs, const mdl_port_info *outputs);

/* `model` is the class name, `file` and `line` its declaration, `keras` its Keras name ("my_model"). NULL if there is no memory. */
mdl_registry *mdl_registry_create(const char *model, const mdl_layer_info *info);
mdl_status    mdl_registry_status(const mdl_registry *r);
void          mdl_registry_free(mdl_registry *r);

/* ---- reading a registry ---- */

typedef struct mdl_variable {
    const char    *path; /* "encoder.blocks.3.attn.query.kernel": unique */
    mdl_dtype      dtype;
    int            rank;
    const int64_t *shape;
    uint64_t       elements, bytes; /* UINT64_MAX if they do not fit */
    bool           trainable;
    mdl_layer      layer;
    const mdl_initializer *init;
} mdl_variable;

/* Variables in the order of the manifest: a layer's trainable ones, its others, then its sub-layers depth first. The answers
 * live as long as the registry, until something is added to it. */
int32_t             mdl_registry_count(mdl_registry *r);
const mdl_variable *mdl_registry_variable(mdl_registry *r, int32_t index);
/* Looks up a path, then an alias; -1 if nothing has that name. */
int32_t mdl_registry_find(mdl_registry *r, const char *name, size_t len);

/* ---- initial values ---- */

/* Philox4x32-10: `out` is a function of the counter and the key, and different for different counters. */
void mdl_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/* Makes the elements [first, first + count) of a variable, in its dtype. They are a function of (seed, path), whatever part is
 * asked for, and the same bits on every system. Takes memory of its own for orthogonal matrices only. */
mdl_status mdl_initialize(const mdl_initializer *init, uint64_t seed, const char *path, mdl_dtype dtype, int rank,
                          const int64_t *shape, uint64_t first, uint64_t count, void *out, mdl_error *error);

/* ---- the manifest ---- */

typedef enum mdl_manifest_format { MDL_TEXT, MDL_JSON, MDL_CSV, MDL_MARKDOWN } mdl_manifest_format;
typedef enum mdl_selection { MDL_ALL, MDL_TRAINABLE, MDL_NON_TRAINABLE } mdl_selection;

/* Zero is the default: text of everything, 80 columns. */
typedef struct mdl_manifest_options {
    mdl_manifest_format format;
    bool                layers;  /* layers as a tree instead of variables; text, CSV and Markdown */
    mdl_selection       select;
    const char         *filter;  /* a glob over paths and aliases; NULL: all */
    const char         *line;    /* one line for each variable after this template, instead of a format; NULL: none */
    int                 width;   /* columns of text; 0: 80; MDL_WIDE: as many as needed */
} mdl_manifest_options;

enum { MDL_WIDE = -1 };

/* Takes `size` bytes; returns false to stop. */
typedef bool mdl_write(void *context, const char *bytes, size_t size);

/* Reads the option at argv[*at] (`--format json`, `--format=json`, `--layers`, ...). Returns 1 and moves *at behind it and
 * its value; 0 if it isn't an option of the manifest; -1 and fills `error` if it is wrong. */
int mdl_manifest_option(mdl_manifest_options *options, int argc, char *const *argv, int *at, mdl_error *error);
/* What checks can be made only when all options are read: MDL_USAGE for two that contradict each other. */
mdl_status mdl_manifest_check(const mdl_manifest_options *options, mdl_error *error);
/* A width for MDL_TEXT on standard output: a terminal's, else 0. */
int mdl_manifest_width(void);
/* The page that explains these options, for a --help. */
const char *mdl_manifest_help(void);
/* Prints. The same registry and options give the same bytes, anywhere. MDL_IO if `write` stops. */
mdl_status mdl_manifest(mdl_registry *r, const mdl_manifest_options *options, mdl_write *write, void *context,
                        mdl_error *error);

/* ---- a compiled program, as data: what a generated .c exports ---- */

typedef struct mdl_port {
    const char *name;
    const char *type; /* for messages and the manifest: "float32[batch, 784]" */
    mdl_dtype   dtype;
    int         rank;
} mdl_port;

/* What a call may need beside its tensors. */
typedef struct mdl_run {
    uint64_t seed; /* of random.* in the model */
} mdl_run;

typedef struct mdl_program {
    const char     *name;
    const char     *file; /* the .mdl */
    int             ninputs, noutputs, nsymbols;
    const mdl_port *inputs, *outputs;
    const char *const *symbols; /* names of the symbolic dimensions, in the order of `int64_t symbols[]` below */
    size_t          weights_size; /* of the generated weights struct (pointers), and of its states struct (values) */
    size_t          states_size;
    mdl_registry *(*instantiate)(void *weights); /* records every variable; `weights` receives the slots, may be NULL */
    /* Reads the symbols from the inputs' shapes and checks those; shapes[i] has inputs[i].rank sizes. */
    mdl_status (*bind)(const int64_t *const *shapes, int64_t *symbols, mdl_error *error);
    void (*output_shape)(const int64_t *symbols, int output, int64_t *shape);
    size_t (*workspace_size)(const int64_t *symbols);
    /* Copies the initial values of the assigned states from the bound weights into `states`. */
    void (*reset)(const void *weights, void *states);
    mdl_status (*call)(const void *weights, void *states, const int64_t *symbols, const void *const *inputs,
                       void *const *outputs, void *workspace, const mdl_run *run, mdl_error *error);
} mdl_program;

/* ---- a model that can be called ---- */

typedef struct mdl_model mdl_model;

/* Records the variables of a program; takes no memory for their values. Free with mdl_model_free. */
mdl_status mdl_model_create(const mdl_program *program, mdl_model **model, mdl_error *error);
void       mdl_model_free(mdl_model *m); /* NULL is fine */

/* Its variables; owned by the model. */
mdl_registry *mdl_model_registry(mdl_model *m);

/* Where the values live: in the manifest's order, each at a multiple of 64 bytes. Without mdl_model_bind the model takes memory
 * of its own when they are first needed. `memory` begins at a multiple of 64, has mdl_model_bytes, and outlives the model; with
 * `filled` its values are taken as they are. */
uint64_t   mdl_model_bytes(const mdl_model *m);
uint64_t   mdl_model_offset(const mdl_model *m, int32_t variable);
mdl_status mdl_model_bind(mdl_model *m, void *memory, uint64_t size, bool filled, mdl_error *error);

/* Gives every variable its first value: a function of the seed and its path. */
mdl_status mdl_model_init(mdl_model *m, uint64_t seed, mdl_error *error);
/* Reads the values from a .safetensors file. Every variable must be in it by its path or an alias, with its shape and dtype, and
 * nothing else; otherwise MDL_BAD_FILE, nothing is changed, and the message names the faults. */
mdl_status mdl_model_load(mdl_model *m, const char *file, mdl_error *error);
/* The same from bytes in memory, which are not kept; `name` stands in messages. */
mdl_status mdl_model_load_memory(mdl_model *m, const char *name, const void *bytes, size_t size, mdl_error *error);
/* Looks for all faults that mdl_model_load would find, and writes a line about each (`write` may be NULL). */
mdl_status mdl_model_verify(mdl_model *m, const char *file, mdl_write *write, void *context, mdl_error *error);
/* Writes the values to a .safetensors file, which appears only when it is complete. */
mdl_status mdl_model_save(mdl_model *m, const char *file, mdl_error *error);
/* Writes the values that mdl_model_init would give, without keeping them in memory. */
mdl_status mdl_model_save_initial(mdl_model *m, uint64_t seed, const char *file, mdl_error *error);

/* The memory of a variable; NULL before there are values. Writing to it changes the model. */
void *mdl_model_values(mdl_model *m, int32_t variable);

/* Computes. There is a tensor for each of the program's inputs, and one for each output: with `data` NULL it is filled in, and
 * points to memory of the model that lasts until the next call; else it must have the right dtype and shape. `run` may be NULL.
 * One call at a time: other threads use models of their own, made with mdl_model_share. */
mdl_status mdl_model_call(mdl_model *m, const mdl_tensor *inputs, mdl_tensor *outputs, const mdl_run *run, mdl_error *error);
/* Gives the states that calls have changed their first values again. */
mdl_status mdl_model_reset(mdl_model *m, mdl_error *error);
/* A second model with the same weights and states of its own. `m` must outlive it, and isn't changed meanwhile. */
mdl_status mdl_model_share(mdl_model *m, mdl_model **shared, mdl_error *error);

/* The command line of every compiled program: manifest, init, run, verify. Returns the exit status. */
int mdl_main(const mdl_program *program, int argc, char **argv);

#ifdef __cplusplus
}
#endif
#endif
