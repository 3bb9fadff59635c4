/* Values that hold tensors, taken apart into nodes and put together again: arguments and results of traced functions. */
#include "cx.h"

void value_flatten(Cx *cx, Value v, NodeVec *out)
{
    if (v.kind == V_TENSOR) {
        vec_push(cx->arena, out, v.as.tensor->node);
        if (v.as.tensor->mask) vec_push(cx->arena, out, v.as.tensor->mask);
    } else if (v.kind == V_LIST || v.kind == V_TUPLE) {
        for (size_t i = 0; i < v.as.seq->len; i++) value_flatten(cx, v.as.seq->at[i], out);
    } else if (v.kind == V_DICT) {
        for (size_t i = 0; i < v.as.dict->len; i++) value_flatten(cx, v.as.dict->values[i], out);
    }
}

Value value_refill(Cx *cx, Value v, Node *const *with, size_t *next)
{
    if (v.kind == V_TENSOR) {
        Node *node = with[(*next)++];
        return make_tensor_value(cx->arena, node, v.as.tensor->mask ? with[(*next)++] : NULL);
    }
    if (v.kind == V_LIST || v.kind == V_TUPLE) {
        Value *at = arena_array(cx->arena, Value, v.as.seq->len);
        for (size_t i = 0; i < v.as.seq->len; i++) at[i] = value_refill(cx, v.as.seq->at[i], with, next);
        return value_seq(cx->arena, v.kind, at, v.as.seq->len);
    }
    if (v.kind == V_DICT) {
        Value *at = arena_array(cx->arena, Value, v.as.dict->len);
        for (size_t i = 0; i < v.as.dict->len; i++) at[i] = value_refill(cx, v.as.dict->values[i], with, next);
        return value_dict(cx->arena, v.as.dict->keys, at, v.as.dict->len);
    }
    return v;
}
