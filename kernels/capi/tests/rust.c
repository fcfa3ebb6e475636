/* The same bits as the Rust interface at width 1; kernels/capi/header writes expected.h. */
#include <string.h>

#include "expected.h"
#include "test.h"

enum { P = 9, N = 21, D = 4, STEPS = 25 };

typedef struct {
    float loss, mu, w[P * D], a[P];
} outcome;

static unsigned char memory[RELUFLOW_DENSE_BYTES(P, N, D) + RELUFLOW_GRAM_BYTES(P, N, D)];
static float x[N * D], y[N], w[P * D], a[P];

#define SAME(found, expected) CHECK(sizeof(found) == sizeof(expected) && \
                                    memcmp(&(found), (expected), sizeof(found)) == 0)

static outcome blank(void) {
    outcome out;
    memset(&out, 0, sizeof out);
    return out;
}

static void finish(outcome *out, const reluflow_report *report) {
    out->loss = report->loss;
    out->mu = report->mu;
}

void test_rust(void) {
    const float dt = 0.125f;
    const int scale = RELUFLOW_SCALE_ONE_OVER_P;
    struct { float w[P * D], a[P]; } start;
    reluflow_report report;
    for (size_t at = 0; at < N * D; at++)
        x[at] = (float)((at * 37 + at / D * 11) % 64) / 32 - 1;
    for (size_t i = 0; i < N; i++)
        y[i] = (float)(i * 29 % 16) / 8 - 1;
    OK(reluflow_init_asymmetric(P, D, 7, RELUFLOW_INNER_GAUSSIAN, start.w, start.a));
    SAME(start, gaussian);
    OK(reluflow_init_asymmetric(P, D, 7, RELUFLOW_INNER_UNIFORM, start.w, start.a));
    SAME(start, uniform);
    OK(reluflow_init_balanced(P, D, 7, 0.5, start.w, start.a));
    SAME(start, balanced);
    memcpy(w, start.w, sizeof w);
    memcpy(a, start.a, sizeof a);

    outcome by_dense = blank(), by_stream = blank(), by_gram = blank(), by_orthogonal = blank();
    reluflow_dense *d;
    OK(reluflow_dense_init(&d, memory, sizeof memory, P, N, D, scale, w, a, x, y));
    for (int step = 0; step < STEPS; step++)
        OK(reluflow_dense_step(d, dt, &report));
    OK(reluflow_dense_weights(d, by_dense.w, by_dense.a));
    finish(&by_dense, &report);
    SAME(by_dense, dense);

    reluflow_stream *s;
    OK(reluflow_stream_init(&s, memory, sizeof memory, P, 8, D, scale, w, a));
    for (int step = 0; step < STEPS; step++) {
        OK(reluflow_stream_feed(s, N, x, y));
        OK(reluflow_stream_finish(s, dt, &report));
    }
    OK(reluflow_stream_weights(s, by_stream.w, by_stream.a));
    finish(&by_stream, &report);
    SAME(by_stream, stream);

    reluflow_gram *g;
    OK(reluflow_gram_init(&g, memory, sizeof memory, P, N, D, scale, w, a, x, y));
    for (int step = 0; step < STEPS; step++)
        OK(reluflow_gram_step(g, dt, &report));
    OK(reluflow_gram_weights(g, w, x, by_gram.w, by_gram.a));
    finish(&by_gram, &report);
    SAME(by_gram, gram);

    reluflow_orthogonal *o;
    OK(reluflow_orthogonal_init(&o, memory, sizeof memory, P, N, D, scale, w, a, x, y));
    for (int step = 0; step < STEPS; step++)
        OK(reluflow_orthogonal_step(o, dt, &report));
    OK(reluflow_orthogonal_weights(o, w, x, by_orthogonal.w, by_orthogonal.a));
    finish(&by_orthogonal, &report);
    SAME(by_orthogonal, orthogonal);
}
