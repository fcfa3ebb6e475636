/*
 * Trains 16 neurons on 32 samples of y = |x_1| - |x_2| / 2 and prints loss and mu. Build and run:
 *   make -C kernels/capi examples && kernels/capi/build/train
 */
#include <math.h>
#include <stdio.h>

#include "reluflow.h"

enum { P = 16, N = 32, D = 3, STEPS = 2000 };

/* All memory of the training: static, its size known to the compiler. */
static unsigned char memory[RELUFLOW_DENSE_BYTES(P, N, D)];

static int failed(const char *what, int status) {
    fprintf(stderr, "train: %s: %s\n", what, reluflow_status_text(status));
    return 1;
}

int main(void) {
    float x[N * D], y[N], w[P * D], a[P], h[N];
    for (int i = 0; i < N; i++) {
        x[i * D] = (float)(i % 8) / 4 - 0.875f;
        x[i * D + 1] = (float)(i / 8) / 2 - 0.75f;
        x[i * D + 2] = 1; /* the bias */
        y[i] = fabsf(x[i * D]) - fabsf(x[i * D + 1]) / 2;
    }

    int status = reluflow_init_balanced(P, D, 1, 0.3, w, a);
    if (status)
        return failed("start", status);
    reluflow_dense *net;
    status = reluflow_dense_init(&net, memory, sizeof memory, P, N, D, RELUFLOW_SCALE_ONE, w, a, x, y);
    if (status)
        return failed("state", status);

    printf("%8s %12s %12s\n", "t", "loss", "mu");
    reluflow_report report;
    const float dt = 0.1f;
    for (int step = 0; step < STEPS; step++) {
        status = reluflow_dense_step(net, dt, &report);
        if (status)
            return failed("step", status);
        if ((step & (step - 1)) == 0)
            printf("%8.1f %12.3e %12.3e\n", (double)step * (double)dt, (double)report.loss,
                   (double)report.mu);
    }
    if (report.flags & (RELUFLOW_FLAG_NAN | RELUFLOW_FLAG_INFINITE)) {
        fputs("train: diverged; a smaller dt may help\n", stderr);
        return 1;
    }

    /* The trained network as plain arrays: to store, to send, to predict with anywhere. */
    status = reluflow_dense_weights(net, w, a);
    if (!status)
        status = reluflow_predict(P, N, D, RELUFLOW_SCALE_ONE, w, a, x, h);
    if (status)
        return failed("weights", status);
    float worst = 0;
    for (int i = 0; i < N; i++)
        worst = fmaxf(worst, fabsf(y[i] - h[i]));
    printf("loss %.3e after %d steps, largest error %.3f\n", (double)report.loss, STEPS, (double)worst);
    return 0;
}
