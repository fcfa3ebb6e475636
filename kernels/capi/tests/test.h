/* What all tests of the C interface share. */
#ifndef TEST_H
#define TEST_H

#include "reluflow.h"

/* Counts a check, and says where one failed. */
void test_check(int good, const char *what, const char *file, int line);
/* As test_check, for a number that must be within a tolerance of another. */
void test_near(double found, double expected, double tolerance, const char *what, const char *file,
               int line);
/* Adds numbers to the hash of all results, which must be the same for every width of registers. */
void test_hash(const float *numbers, size_t len);

#define CHECK(condition) test_check((condition) != 0, #condition, __FILE__, __LINE__)
#define OK(call) test_check((call) == RELUFLOW_STATUS_OK, #call, __FILE__, __LINE__)
#define NEAR(found, expected, tolerance) \
    test_near((found), (expected), (tolerance), #found, __FILE__, __LINE__)

/* Sizes of the problems below are at most these. */
enum { MOST_P = 24, MOST_N = 160, MOST_D = 12 };

/* A network and samples with numbers in [-1, 1). */
typedef struct {
    size_t p, n, d;
    int scale;
    float w[MOST_P * MOST_D], a[MOST_P], x[MOST_N * MOST_D], y[MOST_N];
} problem;

problem made(size_t p, size_t n, size_t d, int scale);
/* p neurons on 8 orthonormal samples in 8 dimensions. */
problem orthonormal(size_t p);

/* The same quantities by double loops, each with a bound of what rounding to float can do to it. */
typedef struct {
    double h[MOST_N], h_error[MOST_N];
    double grad_w[MOST_P * MOST_D], grad_w_error[MOST_P * MOST_D];
    double grad_a[MOST_P], grad_a_error[MOST_P];
    double loss, loss_error, mu, mu_error, speed_sq, speed_sq_error;
} reference;

reference refer(const problem *q);

void test_sizes_1(void);
void test_sizes_4(void);
void test_sizes_8(void);
void test_sizes_16(void);
void test_sizes_any(void);
void test_plain(void);
void test_states(void);
void test_stream(void);
void test_theory(void);
void test_rust(void);
void test_hostile(void);

#endif
