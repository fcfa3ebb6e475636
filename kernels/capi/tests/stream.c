/* Samples that pass by: slices do not matter, and the step is the dense one. */
#include <float.h>
#include <string.h>

#include "test.h"

enum { STEPS = 10 };

static unsigned char memory[RELUFLOW_STREAM_BYTES(MOST_P, 144, MOST_D)];

typedef struct {
    float w[MOST_P * MOST_D], a[MOST_P], loss, mu;
} outcome;

/* Slices of lengths that `at` deals: all, one by one, or changing. */
static size_t slice(int dealt, size_t at, size_t left) {
    size_t len = dealt == 0 ? left : dealt == 1 ? 1 : 1 + at * 7 % 11;
    return len < left ? len : left;
}

static outcome run(const problem *q, size_t b, int dealt) {
    outcome out;
    reluflow_report report;
    reluflow_stream *stream;
    uint32_t flags;
    memset(&out, 0, sizeof out);
    OK(reluflow_stream_init(&stream, memory, sizeof memory, q->p, b, q->d, q->scale, q->w, q->a));
    for (int step = 0; step < STEPS; step++) {
        /* What is fed before a begin is forgotten. */
        OK(reluflow_stream_feed(stream, 3, q->x, q->y));
        OK(reluflow_stream_begin(stream));
        for (size_t at = 0; at < q->n;) {
            size_t len = slice(dealt, at, q->n - at);
            OK(reluflow_stream_feed(stream, len, q->x + at * q->d, q->y + at));
            at += len;
        }
        OK(reluflow_stream_finish(stream, 0.1f, &report));
        CHECK(report.flags == 0);
    }
    CHECK(reluflow_stream_finish(stream, 0.1f, &report) == RELUFLOW_STATUS_NO_SAMPLES);
    OK(reluflow_stream_weights(stream, out.w, out.a));
    OK(reluflow_stream_health(stream, &flags));
    CHECK(flags == 0);
    out.loss = report.loss;
    out.mu = report.mu;
    return out;
}

void test_stream(void) {
    static unsigned char block[RELUFLOW_DENSE_BYTES(MOST_P, MOST_N, MOST_D)];
    problem q = made(13, 37, 5, RELUFLOW_SCALE_ONE_OVER_P);
    reluflow_dense *dense;
    reluflow_report report;
    float w[MOST_P * MOST_D], a[MOST_P];
    OK(reluflow_dense_init(&dense, block, sizeof block, q.p, q.n, q.d, q.scale, q.w, q.a, q.x, q.y));
    for (int step = 0; step < STEPS; step++)
        OK(reluflow_dense_step(dense, 0.1f, &report));
    OK(reluflow_dense_weights(dense, w, a));
    for (size_t b = 1; b <= 40; b += 6) {
        outcome whole = run(&q, b, 0), single = run(&q, b, 1), mixed = run(&q, b, 2);
        CHECK(memcmp(&whole, &single, sizeof whole) == 0);
        CHECK(memcmp(&whole, &mixed, sizeof whole) == 0);
        /* Another order of summation: STEPS roundings of sums of n numbers below 2. */
        const double tolerance = STEPS * 2.0 * (double)(q.n + q.p + q.d) * FLT_EPSILON;
        for (size_t jk = 0; jk < q.p * q.d; jk++)
            NEAR((double)whole.w[jk], (double)w[jk], tolerance);
        test_hash(whole.w, q.p * q.d);
    }
    /* With a buffer of n samples the bits are those of the dense step. */
    outcome same = run(&q, q.n, 2);
    CHECK(memcmp(same.w, w, q.p * q.d * sizeof *w) == 0 && memcmp(same.a, a, q.p * sizeof *a) == 0);
    CHECK(same.loss == report.loss && same.mu == report.mu);
}
