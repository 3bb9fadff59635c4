/* Other programs, standard output, and what must be cleared away when this one is interrupted. */
#ifndef MDLC_PROCESS_H
#define MDLC_PROCESS_H

#include <stdbool.h>

/* Runs a program with arguments (NULL-terminated), waits, returns its exit status. `output` (a file descriptor) takes its
 * standard output, -1 leaves it. CANNOT_START with errno set if there is no such program; BY_SIGNAL + n if signal n ended it. */
enum { CANNOT_START = -1, BY_SIGNAL = 1000 };
int run_program(char *const *argv, int output);

/* Whether all that was printed so far has arrived; says once why not. */
bool output_arrived(void);
/* Says, unless it was said, that a write failed. */
void output_failed(int why);

/* From here on a signal that would end mdlc is kept and passed on to the program that runs, until `interrupts_deliver`,
 * which lets it do what it does. */
void interrupts_hold(void);
void interrupts_deliver(void);
bool interrupted(void);

#endif
