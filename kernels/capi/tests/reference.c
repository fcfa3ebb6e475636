/*
 * The network by plain loops in double, written from the equations alone.
 *
 * Tolerances: a sum of m products computed in float in any order is within (m + 2) eps of the sum of
 * absolute values, eps = FLT_EPSILON, which is twice the unit roundoff and so covers second order.
 * Where rounding could turn a gate 1[z > 0], what hangs on the gate is part of the tolerance.
 */
#include <float.h>
#include <math.h>

#include "test.h"

/* One of 2^24 numbers in [-1, 1) that a, b and c scatter to. */
static float number(size_t a, size_t b, size_t c) {
    uint64_t x = (uint64_t)a << 32 ^ (uint64_t)b << 16 ^ c;
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return (float)(x >> 40) / 8388608 - 1;
}

problem made(size_t p, size_t n, size_t d, int scale) {
    problem q = {p, n, d, scale, {0}, {0}, {0}, {0}};
    for (size_t j = 0; j < p; j++) {
        for (size_t k = 0; k < d; k++)
            q.w[j * d + k] = number(j, k, 1);
        q.a[j] = number(j, 3, 2);
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < d; k++)
            q.x[i * d + k] = number(i, k, 3);
        q.y[i] = number(i, 5, 4);
    }
    return q;
}

problem orthonormal(size_t p) {
    problem q = made(p, 8, 8, RELUFLOW_SCALE_ONE);
    static const float signs[4][4] = {{1, 1, 1, 1}, {1, -1, 1, -1}, {1, 1, -1, -1}, {1, -1, -1, 1}};
    for (size_t i = 0; i < 8; i++)
        for (size_t k = 0; k < 8; k++)
            q.x[i * 8 + k] = i / 4 == k / 4 ? 0.5f * signs[i % 4][k % 4] : 0;
    return q;
}

reference refer(const problem *q) {
    const size_t p = q->p, n = q->n, d = q->d;
    const double s = q->scale == RELUFLOW_SCALE_ONE ? 1.0 : 1.0 / (double)p;
    const double eps = FLT_EPSILON, count = (double)n;
    reference ref = {{0}, {0}, {0}, {0}, {0}, {0}, 0, 0, 0, 0, 0, 0};
    double z[MOST_P], size[MOST_P], squared_error = 0;
    for (size_t i = 0; i < n; i++) {
        double most = fabs((double)q->y[i]);
        for (size_t j = 0; j < p; j++) {
            z[j] = size[j] = 0;
            for (size_t k = 0; k < d; k++) {
                double term = (double)q->w[j * d + k] * (double)q->x[i * d + k];
                z[j] += term;
                size[j] += fabs(term);
            }
            ref.h[i] += z[j] > 0 ? s * (double)q->a[j] * z[j] : 0;
            most += s * fabs((double)q->a[j]) * size[j];
        }
        double r = (double)q->y[i] - ref.h[i];
        double r_error = (double)(p + d + 6) * eps * most;
        ref.h_error[i] = r_error;
        ref.loss += r * r / (2 * count);
        ref.loss_error += (2 * fabs(r) * r_error + r_error * r_error) / (2 * count);
        for (size_t j = 0; j < p; j++) {
            const int unsure = fabs(z[j]) <= (double)(d + 2) * eps * size[j];
            if (z[j] <= 0 && !unsure)
                continue;
            ref.grad_a[j] -= s / count * r * z[j];
            ref.grad_a_error[j] += s / count * (r_error * fabs(z[j]) +
                                                (fabs(r) + r_error) * (double)(d + n + 8) * eps * size[j]);
            for (size_t k = 0; k < d; k++) {
                double slope = s / count * fabs((double)q->a[j] * (double)q->x[i * d + k]);
                ref.grad_w[j * d + k] -= s / count * (double)q->a[j] * r * (double)q->x[i * d + k];
                ref.grad_w_error[j * d + k] += slope * (r_error + (double)(n + 8) * eps * fabs(r));
                ref.grad_w_error[j * d + k] += unsure ? slope * fabs(r) : 0;
            }
        }
    }
    ref.loss_error += (count + 4) * eps * ref.loss;
    double squared = 0;
    for (size_t j = 0; j < p; j++) {
        for (size_t k = 0; k < d; k++) {
            squared += ref.grad_w[j * d + k] * ref.grad_w[j * d + k];
            squared_error += ref.grad_w_error[j * d + k] * ref.grad_w_error[j * d + k];
        }
        squared += ref.grad_a[j] * ref.grad_a[j];
        squared_error += ref.grad_a_error[j] * ref.grad_a_error[j];
    }
    double error = 2 * sqrt(squared * squared_error) + squared_error +
                   (double)(p * d + p + 4) * eps * squared;
    ref.speed_sq = squared / (s * s);
    ref.speed_sq_error = error / (s * s);
    ref.mu = squared / (s * ref.loss);
    ref.mu_error = error / (s * ref.loss) + ref.mu * ref.loss_error / (ref.loss - ref.loss_error);
    return ref;
}
