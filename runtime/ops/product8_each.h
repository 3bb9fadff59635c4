/* Included by matmul_8bit.c for each instruction set: the four pairs of types. */
#define A  int8_t
#define B  int8_t
#define AS ss
#include "product8_body.h"
#undef B
#undef AS
#define B  uint8_t
#define AS su
#include "product8_body.h"
#undef A
#undef AS
#define A  uint8_t
#define AS uu
#include "product8_body.h"
#undef B
#undef AS
#define B  int8_t
#define AS us
#include "product8_body.h"
#undef A
#undef B
#undef AS
