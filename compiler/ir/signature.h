/* What a node does, as text: two nodes with equal signatures and equal inputs compute the same. */
#ifndef MDLC_SIGNATURE_H
#define MDLC_SIGNATURE_H

#include "ir.h"

typedef struct SignatureOptions {
    DimCtx            *dims;
    const Dim *const  *symbols;  /* what stands for each symbol, by id; NULL: the symbols themselves */
    int                nsymbols;
    bool               skeleton; /* list indices in paths are left out */
    bool               no_sizes; /* the sizes of the value are left out */
} SignatureOptions;

/* The inputs are not part of it, nor are names and places in the source. */
void put_signature(StrBuf *b, const SignatureOptions *o, const Node *n);

/* The path of NODE_VARIABLE, NODE_ASSIGN, NODE_CALL and NODE_SCAN; else NULL. */
Path *node_path(Node *n);

#endif
