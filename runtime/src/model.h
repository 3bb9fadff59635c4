/* What the files about models share. */
#ifndef MDL_MODEL_H
#define MDL_MODEL_H

#include "internal.h"
#include "registry.h"

/* Memory that a model keeps for a purpose and makes larger when that is needed. */
typedef struct Block {
    void    *at; /* at a multiple of 64 */
    uint64_t size;
} Block;

struct mdl_model {
    const mdl_program *program;
    mdl_registry      *registry;
    void              *weights; /* the generated struct of pointers */
    uint64_t          *offsets; /* of each variable's values in `memory` */
    uint64_t           bytes;
    char              *memory; /* where all values lie together; NULL: not taken, or they lie where `values` says */
    char             **values; /* of each variable */
    bool               is_shared;
    bool               has_values;
    bool               is_prepared; /* `weights` has what is computed from them alone, too */
    Block              own, prepared, states, workspace;
    const void        *prepared_at; /* in `prepared`, or in a mapped file */
    Block             *outputs;     /* the values of outputs for which the caller has no memory */
    int64_t           *symbols, *shapes; /* of the last call; MDL_MAX_RANK sizes for each output */
    const int64_t    **input_shapes;     /* what the program is called with */
    const void       **input_data;
    void             **output_data;
};

/* Makes a block larger; what was in it is lost then. */
mdl_status mdl_block_grow(Block *b, uint64_t size, mdl_error *error);
uint64_t   mdl_block_round(uint64_t size);

/* Points `values` and the generated struct at the memory, taking it if nobody gave any. */
mdl_status mdl_model_place(mdl_model *m, mdl_error *error);
/* Points the generated struct at `values`. */
void mdl_model_fill_slots(mdl_model *m);
/* Fails because there are no values yet. */
mdl_status mdl_model_fail_empty(mdl_error *error);
/* All variables have their first or loaded values: states start from them. */
mdl_status mdl_model_filled(mdl_model *m, mdl_error *error);
/* The name of the tensor that holds what calls compute from weights alone, in a file of `mdl_save_options.prepared`, and of the
 * metadata that says whose it is. */
#define MDL_PREPARED_NAME "mdl.prepared"
enum { PREPARED_KEY_SIZE = 17 };
void mdl_model_prepared_key(const mdl_model *m, char key[PREPARED_KEY_SIZE]);

/* The last call once more, with its tensors where they were. */
mdl_status mdl_model_call_again(mdl_model *m, const mdl_run *run, mdl_error *error);

#endif
