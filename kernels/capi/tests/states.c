/* Steps of all states against the double loops and against each other. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "test.h"

enum { STEPS = 40 };

typedef struct {
    float w[MOST_P * MOST_D], a[MOST_P];
    reluflow_report report;
} outcome;

static unsigned char memory[RELUFLOW_DENSE_BYTES(MOST_P, MOST_N, MOST_D)];
static unsigned char other[RELUFLOW_GRAM_BYTES(MOST_P, MOST_N, MOST_D)];

/* Each step from the state's own weights, so that no error is carried from step to step. */
static void follow(problem q, float dt) {
    const size_t p = q.p, n = q.n, d = q.d;
    const double s = q.scale == RELUFLOW_SCALE_ONE ? 1.0 : 1.0 / (double)p;
    reluflow_dense *dense;
    reluflow_report report;
    float w[MOST_P * MOST_D], a[MOST_P], h[MOST_N], grad_w[MOST_P * MOST_D], grad_a[MOST_P], loss;
    OK(reluflow_dense_init(&dense, memory, sizeof memory, p, n, d, q.scale, q.w, q.a, q.x, q.y));
    OK(reluflow_dense_weights(dense, w, a));
    CHECK(memcmp(w, q.w, p * d * sizeof *w) == 0 && memcmp(a, q.a, p * sizeof *a) == 0);
    for (int step = 0; step < STEPS; step++) {
        reference ref = refer(&q);
        OK(reluflow_dense_predictions(dense, h));
        for (size_t i = 0; i < n; i++)
            NEAR((double)h[i], ref.h[i], ref.h_error[i]);
        OK(reluflow_dense_loss(dense, &loss));
        NEAR((double)loss, ref.loss, ref.loss_error);
        OK(reluflow_dense_gradient(dense, grad_w, grad_a));
        for (size_t j = 0; j < p; j++) {
            NEAR((double)grad_a[j], ref.grad_a[j], ref.grad_a_error[j]);
            for (size_t k = 0; k < d; k++)
                NEAR((double)grad_w[j * d + k], ref.grad_w[j * d + k], ref.grad_w_error[j * d + k]);
        }
        OK(reluflow_dense_step(dense, dt, &report));
        NEAR((double)report.loss, ref.loss, ref.loss_error);
        NEAR((double)report.mu, ref.mu, 2 * ref.mu_error);
        OK(reluflow_dense_weights(dense, w, a));
        for (size_t j = 0; j < p; j++) {
            /* The step has dL/da as <w_j, D_j>: d more products, of numbers as large. */
            double inner = 0;
            for (size_t k = 0; k < d; k++) {
                double far = fabs((double)q.w[j * d + k]);
                double slope = fabs(ref.grad_w[j * d + k] / (double)q.a[j]);
                double error = ref.grad_w_error[j * d + k] / fabs((double)q.a[j]);
                inner += far * (error + (double)(d + 2) * FLT_EPSILON * slope);
                NEAR((double)w[j * d + k],
                     (double)q.w[j * d + k] - (double)dt / s * ref.grad_w[j * d + k],
                     (double)dt / s * ref.grad_w_error[j * d + k] + 2 * FLT_EPSILON * far);
            }
            NEAR((double)a[j], (double)q.a[j] - (double)dt / s * ref.grad_a[j],
                 (double)dt / s * (inner + ref.grad_a_error[j]) +
                     2 * FLT_EPSILON * fabs((double)q.a[j]));
        }
        memcpy(q.w, w, sizeof w);
        memcpy(q.a, a, sizeof a);
    }
    uint32_t flags;
    OK(reluflow_dense_health(dense, &flags));
    CHECK(flags == 0 && report.flags == 0);
    test_hash(w, p * d);
    test_hash(a, p);
    test_hash(&report.mu, 1);
}

static outcome by_dense(const problem *q, float dt) {
    outcome out = {{0}, {0}, {0, 0, 0, 0}};
    reluflow_dense *dense;
    OK(reluflow_dense_init(&dense, memory, sizeof memory, q->p, q->n, q->d, q->scale, q->w, q->a, q->x,
                           q->y));
    for (int step = 0; step < STEPS; step++)
        OK(reluflow_dense_step(dense, dt, &out.report));
    OK(reluflow_dense_weights(dense, out.w, out.a));
    return out;
}

static outcome by_gram(const problem *q, float dt) {
    outcome out = {{0}, {0}, {0, 0, 0, 0}};
    reluflow_gram *gram;
    uint32_t flags;
    OK(reluflow_gram_init(&gram, other, sizeof other, q->p, q->n, q->d, q->scale, q->w, q->a, q->x,
                          q->y));
    for (int step = 0; step < STEPS; step++) {
        OK(reluflow_gram_step(gram, dt, &out.report));
        if (step == STEPS / 2)
            OK(reluflow_gram_refresh(gram, q->w, q->x));
    }
    OK(reluflow_gram_weights(gram, q->w, q->x, out.w, out.a));
    OK(reluflow_gram_health(gram, &flags));
    CHECK(flags == 0);
    return out;
}

static outcome by_orthogonal(const problem *q, float dt) {
    outcome out = {{0}, {0}, {0, 0, 0, 0}};
    reluflow_orthogonal *orthogonal;
    uint32_t flags;
    OK(reluflow_orthogonal_init(&orthogonal, memory, sizeof memory, q->p, q->n, q->d, q->scale, q->w,
                                q->a, q->x, q->y));
    for (int step = 0; step < STEPS; step++)
        OK(reluflow_orthogonal_step(orthogonal, dt, &out.report));
    OK(reluflow_orthogonal_weights(orthogonal, q->w, q->x, out.w, out.a));
    OK(reluflow_orthogonal_health(orthogonal, &flags));
    CHECK(flags == 0);
    return out;
}

/* Every step rounds sums of at most n + d + p numbers below 2, and passes on what came before. */
static void agree(const problem *q, const outcome *one, const outcome *two) {
    const double tolerance = STEPS * 2.0 * (double)(q->p + q->n + q->d) * FLT_EPSILON;
    for (size_t jk = 0; jk < q->p * q->d; jk++)
        NEAR((double)one->w[jk], (double)two->w[jk], tolerance);
    for (size_t j = 0; j < q->p; j++)
        NEAR((double)one->a[j], (double)two->a[j], tolerance);
    NEAR((double)one->report.loss, (double)two->report.loss, tolerance);
    NEAR((double)one->report.mu, (double)two->report.mu, 100 * tolerance * (double)two->report.mu);
    test_hash(one->w, q->p * q->d);
}

void test_states(void) {
    /* Samples in the lanes, neurons in them, and more than one block of samples. */
    follow(made(5, 12, 10, RELUFLOW_SCALE_ONE), 0.05f);
    follow(made(16, 9, 3, RELUFLOW_SCALE_ONE_OVER_P), 0.2f);
    follow(made(24, 160, 12, RELUFLOW_SCALE_ONE_OVER_P), 0.2f);
    follow(made(3, 150, 2, RELUFLOW_SCALE_ONE), 0.05f);
    for (size_t p = 1; p <= MOST_P; p += 7) {
        problem q = orthonormal(p);
        outcome dense = by_dense(&q, 0.1f), again = by_dense(&q, 0.1f);
        outcome gram = by_gram(&q, 0.1f), orthogonal = by_orthogonal(&q, 0.1f);
        agree(&q, &dense, &gram);
        agree(&q, &orthogonal, &dense);
        CHECK(memcmp(&dense, &again, sizeof dense) == 0);
        OK(reluflow_check_orthogonal(8, 8, q.x, 0));
    }
    problem q = made(7, 11, 9, RELUFLOW_SCALE_ONE_OVER_P);
    outcome dense = by_dense(&q, 0.1f), gram = by_gram(&q, 0.1f);
    agree(&q, &gram, &dense);
    CHECK(reluflow_check_orthogonal(11, 9, q.x, 1e-3f) == RELUFLOW_STATUS_NOT_ORTHOGONAL);
}
