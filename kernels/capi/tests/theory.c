/* Geometry and bounds: by hand, and around the mu of a gradient. */
#include <float.h>
#include <math.h>

#include "test.h"

static unsigned char memory[RELUFLOW_BRACKET_BYTES(MOST_P, MOST_N, MOST_D)];

/* mu must lie between the bounds of Lemma 7; the geometry's brackets are of the defect. */
static void bracket(const problem *q) {
    const size_t p = q->p, n = q->n, d = q->d;
    reluflow_geometry geometry;
    reluflow_bounds bounds;
    reluflow_report report;
    float grad_w[MOST_P * MOST_D], grad_a[MOST_P];
    OK(reluflow_measure(n, d, q->x, q->y, 100, memory, sizeof memory, &geometry));
    OK(reluflow_bracket(p, n, d, q->scale, q->w, q->a, q->x, q->y, &geometry, memory, sizeof memory,
                       &bounds));
    OK(reluflow_gradient(p, n, d, q->scale, q->w, q->a, q->x, q->y, grad_w, grad_a, &report));
    const float room = 1 + (float)(n + p + d) * FLT_EPSILON;
    CHECK(bounds.lower <= report.mu * room && report.mu <= bounds.upper * room);
    CHECK(geometry.n == n && geometry.x_min <= geometry.x_max && geometry.y_min <= geometry.y_max);
    CHECK(geometry.defect_lower <= geometry.defect_upper && bounds.upper_printed <= bounds.upper);
    test_hash(&geometry.x_min, 9);
    test_hash(&bounds.lower, 4);
}

void test_theory(void) {
    bracket(&(problem){1, 1, 1, RELUFLOW_SCALE_ONE, {1}, {2}, {3}, {1}});
    for (int scale = RELUFLOW_SCALE_ONE; scale <= RELUFLOW_SCALE_ONE_OVER_P; scale++) {
        problem q = made(24, 30, 12, scale), unit = orthonormal(17);
        unit.scale = scale;
        bracket(&q);
        bracket(&unit);
    }
    /*
     * By hand: x = (1, 0), (1, 1), y = 1, -2; X^T X - D has 1 off its diagonal, so the defect is 1.
     * One neuron w = (2, 1), a = 3: z = 2, 3, both active, |a| >= |w|; h = 6, 9, r = -5, -11.
     */
    const float x[] = {1, 0, 1, 1}, y[] = {1, -2}, w[] = {2, 1}, a[] = {3};
    reluflow_geometry geometry;
    reluflow_bounds bounds;
    OK(reluflow_measure(2, 2, x, y, 100, memory, sizeof memory, &geometry));
    NEAR((double)geometry.x_min, 1, 0);
    NEAR((double)geometry.x_max, sqrt(2), FLT_EPSILON);
    CHECK(geometry.y_min == 1 && geometry.y_max == 2);
    NEAR((double)geometry.defect_lower, 1, 4 * FLT_EPSILON);
    NEAR((double)geometry.defect_upper, 1, 4 * FLT_EPSILON);
    NEAR((double)geometry.defect_allowed, 1 / (2 * sqrt(2)) / 2, 4 * FLT_EPSILON);
    NEAR((double)geometry.theorem_1_constant, 1.2 / sqrt(2), 4 * FLT_EPSILON);
    CHECK(geometry.assumption_2 == 0);
    OK(reluflow_bracket(1, 2, 2, RELUFLOW_SCALE_ONE, w, a, x, y, &geometry, memory, sizeof memory, &bounds));
    NEAR((double)bounds.lower, 0, 1e-5);
    NEAR((double)bounds.upper, (2 + 1) * (9 + 5), 1e-4);
    NEAR((double)bounds.upper_printed, 2 * (9 + 5), 1e-4);
    /* min |1 - r/y| of 6 and 4.5. */
    NEAR((double)bounds.theorem_1, 1.2 / sqrt(2) / 2 * 4.5, 1e-5);
    CHECK(bounds.assumption_1 == 1);
}
