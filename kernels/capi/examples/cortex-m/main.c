/*
 * Trains 32 neurons on 8 samples of 8 inputs for 1000 steps, prints loss and mu on the way, and checks
 * that the device computes what every other one does. The exit status is 0 when all is well.
 */
#include "board.h"
#include "reluflow.h"

enum { P = 32, N = 8, D = 8, STEPS = 1000 };

/* All memory of the training, exact to the byte on this target. */
static unsigned char memory[RELUFLOW_DENSE_BYTES(P, N, D)];
static float w[P * D], a[P], x[N * D], y[N];

static void write_hex(const char *name, uint64_t number) {
    char text[18];
    for (int digit = 0; digit < 16; digit++)
        text[digit] = "0123456789abcdef"[number >> (60 - 4 * digit) & 15];
    text[16] = '\n';
    text[17] = 0;
    board_write(name);
    board_write(text);
}

/* A positive number as 1.234e-05. */
static void write_float(const char *name, float number) {
    char text[] = "0.000e+00";
    int exponent = 0;
    for (; number >= 10 && exponent < 38; exponent++)
        number /= 10;
    for (; number < 1 && exponent > -38; exponent--)
        number *= 10;
    for (int digit = 0; digit < 5; digit++) {
        if (digit == 1)
            continue;
        text[digit] = (char)('0' + (int)number);
        number = (number - (float)(int)number) * 10;
    }
    text[6] = exponent < 0 ? '-' : '+';
    exponent = exponent < 0 ? -exponent : exponent;
    text[7] = (char)('0' + exponent / 10);
    text[8] = (char)('0' + exponent % 10);
    board_write(name);
    board_write(text);
}

static int failed(int status) {
    board_write("failed: ");
    board_write(reluflow_status_text(status));
    board_write("\n");
    return 1;
}

static uint64_t hash(uint64_t start, const float *numbers, int len) {
    for (int i = 0; i < len; i++) {
        union { float number; uint32_t word; } bits = {numbers[i]};
        start = (start ^ bits.word) * UINT64_C(0x100000001b3);
    }
    return start;
}

int main(void) {
    /* A sensor's readings would go here. */
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < D; k++)
            x[i * D + k] = (float)((i * 37 + k * 11 + i * k * 5) % 32) / 16 - 1;
        y[i] = (float)(i * 29 % 16) / 8 - 1;
    }
#ifdef RELUFLOW_WIDTH
    /* Where the header knows the library's width, not a byte too many. */
    if (sizeof memory != reluflow_dense_bytes(P, N, D))
        return failed(RELUFLOW_STATUS_MEMORY);
#endif
    reluflow_dense *net;
    reluflow_report report, first;
    int status = reluflow_init_balanced(P, D, 1, 0.1, w, a);
    if (!status)
        status = reluflow_dense_init(&net, memory, sizeof memory, P, N, D, RELUFLOW_SCALE_ONE, w, a, x, y);
    if (!status)
        status = reluflow_dense_step(net, 0.05f, &first);
    for (int step = 1; step < STEPS && !status; step++) {
        status = reluflow_dense_step(net, 0.05f, &report);
        if (!status && step % 100 == 99) {
            write_float("loss ", report.loss);
            write_float(", mu ", report.mu);
            board_write("\n");
        }
    }
    if (!status)
        status = reluflow_dense_weights(net, w, a);
    if (status)
        return failed(status);
    write_hex("weights ", hash(hash(UINT64_C(0xcbf29ce484222325), w, P * D), a, P));
    const uint64_t golden = reluflow_golden();
    write_hex("golden  ", golden);
    if (golden != RELUFLOW_GOLDEN || report.flags != 0 || !(report.loss < first.loss / 100)) {
        board_write("failed: it has not learnt, or computes something else than the host\n");
        return 1;
    }
    board_write("good\n");
    return 0;
}
