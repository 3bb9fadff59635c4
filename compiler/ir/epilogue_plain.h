/* Epilogues that need no function of their own: kernels do them to sums in registers (mdl_epilogue). */
#ifndef MDLC_EPILOGUE_PLAIN_H
#define MDLC_EPILOGUE_PLAIN_H

#include "plan.h"

/* min(max(product + bias + beside, low), high); without an operand it is NULL, without a bound that is infinite. */
typedef struct Plain {
    Node  *bias;   /* an element for each column */
    Node  *beside; /* of the product's shape */
    double low, high;
} Plain;

/* Is that all the loop of a root with a `product` does? */
bool epilogue_is_plain(const NodePlan *nodes, Node *root, Plain *plain);

#endif
