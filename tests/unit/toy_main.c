/* The toy program as an executable. */
#include "toy.h"

int main(int argc, char **argv)
{
    return mdl_main(&toy, argc, argv);
}
