/*
 * Start-up of a Cortex-M4F, and a console by semihosting: QEMU or a debugger prints the text and takes
 * the exit status.
 */
#include <stdint.h>

#include "board.h"

extern uint32_t data_start[], data_end[], data_source[], bss_start[], bss_end[], stack_top[];

int main(void);
void reset(void);

static int semihosting(int operation, const void *argument) {
    register int r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

void board_write(const char *text) {
    semihosting(0x04, text); /* SYS_WRITE0 */
}

static void leave(int status) {
    const uint32_t argument[] = {0x20026, (uint32_t)status}; /* ADP_Stopped_ApplicationExit */
    for (;;)
        semihosting(0x20, argument); /* SYS_EXIT_EXTENDED */
}

static void fault(void) {
    board_write("fault\n");
    leave(2);
}

/* The floating-point unit is off after reset, so main must not be inlined here. */
void reset(void) {
    *(volatile uint32_t *)0xE000ED88 |= 0xF << 20; /* CPACR: full access to CP10 and CP11 */
    __asm__ volatile("dsb\n isb" ::: "memory");
    for (uint32_t *to = data_start, *from = data_source; to < data_end;)
        *to++ = *from++;
    for (uint32_t *to = bss_start; to < bss_end;)
        *to++ = 0;
    leave(main());
}

typedef union {
    void (*handler)(void);
    const uint32_t *stack;
} vector;

__attribute__((section(".vectors"), used)) static const vector vectors[16] = {
    {.stack = stack_top}, {.handler = reset}, {.handler = fault}, {.handler = fault},
    {.handler = fault},   {.handler = fault}, {.handler = fault},
};
