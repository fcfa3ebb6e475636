/* Functions of plain arrays against the double loops. */
#include <math.h>

#include "test.h"

static void compare(const problem *q) {
    const size_t p = q->p, n = q->n, d = q->d;
    reference ref = refer(q);
    float h[MOST_N], grad_w[MOST_P * MOST_D], grad_a[MOST_P], loss;
    reluflow_report report;
    OK(reluflow_predict(p, n, d, q->scale, q->w, q->a, q->x, h));
    for (size_t i = 0; i < n; i++)
        NEAR((double)h[i], ref.h[i], ref.h_error[i]);
    OK(reluflow_loss(p, n, d, q->scale, q->w, q->a, q->x, q->y, &loss));
    NEAR((double)loss, ref.loss, ref.loss_error);
    OK(reluflow_gradient(p, n, d, q->scale, q->w, q->a, q->x, q->y, grad_w, grad_a, &report));
    for (size_t jk = 0; jk < p * d; jk++)
        NEAR((double)grad_w[jk], ref.grad_w[jk], ref.grad_w_error[jk]);
    for (size_t j = 0; j < p; j++)
        NEAR((double)grad_a[j], ref.grad_a[j], ref.grad_a_error[j]);
    NEAR((double)report.mu, ref.mu, ref.mu_error);
    NEAR((double)report.speed_sq, ref.speed_sq, ref.speed_sq_error);
    CHECK(report.loss == loss && report.flags == 0);
    test_hash(h, n);
    test_hash(grad_w, p * d);
    test_hash(grad_a, p);
    test_hash(&report.mu, 1);
}

void test_plain(void) {
    for (int scale = RELUFLOW_SCALE_ONE; scale <= RELUFLOW_SCALE_ONE_OVER_P; scale++) {
        for (size_t size = 1; size <= 12; size++) {
            problem q = made(2 * size, 13 * size, size, scale);
            compare(&q);
        }
    }
    /* A network that fits: loss 0, so mu is undefined. */
    const float w = 1, a = 2, x = 3, y = 6;
    float grad_w, grad_a;
    reluflow_report report;
    OK(reluflow_gradient(1, 1, 1, RELUFLOW_SCALE_ONE, &w, &a, &x, &y, &grad_w, &grad_a, &report));
    CHECK(report.loss == 0 && isnan(report.mu) && report.flags == 0);
    /* Numbers that overflow show in the flags. */
    const float huge = 1e30f;
    OK(reluflow_gradient(1, 1, 1, RELUFLOW_SCALE_ONE, &huge, &a, &huge, &y, &grad_w, &grad_a, &report));
    CHECK((report.flags & RELUFLOW_FLAG_INFINITE) != 0);
}
