/* What the program asks of a board. */
#ifndef BOARD_H
#define BOARD_H

/* Writes a text to wherever the board writes to. */
void board_write(const char *text);

#endif
