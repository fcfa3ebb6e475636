/* The same program on a host, to compare what it prints. */
#include <stdio.h>

#include "board.h"

void board_write(const char *text) {
    fputs(text, stdout);
}
