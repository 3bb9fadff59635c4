/* Random blocks of four words, from a counter and a key. */
#ifndef MDL_PHILOX_H
#define MDL_PHILOX_H

#include <stdint.h>

enum { MDL_PHILOX_BLOCKS = 16 };

/* words[k][i] is word k of the block with the counter (first + i, stream), 64 bits each, under the key. */
void mdl_philox_blocks(uint64_t first, uint64_t stream, uint64_t key, uint32_t words[4][MDL_PHILOX_BLOCKS]);

#endif
