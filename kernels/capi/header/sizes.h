
/*
 * Sizes of blocks as constant expressions, for static memory. The functions reluflow_*_bytes say
 * exactly what the linked library needs. The macros equal them where RELUFLOW_WIDTH is the library's
 * width, which is 1 on Cortex-M and RISC-V; elsewhere they are enough for every width, and
 * -DRELUFLOW_WIDTH=... with what reluflow_width returns makes them exact. p, n and d must be
 * constants with p n d below 2^50; a size of 0 gives 0.
 */
#ifndef RELUFLOW_WIDTH
#if defined __riscv || (defined __ARM_ARCH_PROFILE && __ARM_ARCH_PROFILE == 'M')
#define RELUFLOW_WIDTH 1
#endif
#endif
#ifdef RELUFLOW_WIDTH
#define RELUFLOW_LEAST_WIDTH_ RELUFLOW_WIDTH
#define RELUFLOW_MOST_WIDTH_ RELUFLOW_WIDTH
#else
#define RELUFLOW_LEAST_WIDTH_ 1
#define RELUFLOW_MOST_WIDTH_ 16
#endif

#define RELUFLOW_DENSE_BYTES(p, n, d) \
  RELUFLOW_STATE_(RELUFLOW_SIZE_(p) && RELUFLOW_SIZE_(n) && RELUFLOW_SIZE_(d), \
    RELUFLOW_BATCH_(RELUFLOW_SIZE_(n), RELUFLOW_SIZE_(d)) + \
    RELUFLOW_DENSE_(RELUFLOW_SIZE_(p), RELUFLOW_SIZE_(n), RELUFLOW_SIZE_(d)) + RELUFLOW_SLACK_)
#define RELUFLOW_STREAM_BYTES(p, b, d) \
  RELUFLOW_STATE_(RELUFLOW_SIZE_(p) && RELUFLOW_SIZE_(b) <= 144 && RELUFLOW_SIZE_(b) && \
                    RELUFLOW_SIZE_(d), \
    RELUFLOW_BATCH_(RELUFLOW_SIZE_(b), RELUFLOW_SIZE_(d)) + \
    RELUFLOW_DENSE_(RELUFLOW_SIZE_(p), RELUFLOW_SIZE_(b), RELUFLOW_SIZE_(d)))
#define RELUFLOW_GRAM_BYTES(p, n, d) \
  RELUFLOW_STATE_(RELUFLOW_SIZE_(p) && RELUFLOW_SIZE_(n) && RELUFLOW_SIZE_(d), \
    RELUFLOW_GRAM_(RELUFLOW_SIZE_(p), RELUFLOW_SIZE_(n)))
#define RELUFLOW_ORTHOGONAL_BYTES(p, n, d) \
  RELUFLOW_STATE_(RELUFLOW_SIZE_(p) && RELUFLOW_SIZE_(n) && RELUFLOW_SIZE_(d), \
    RELUFLOW_ORTHOGONAL_(RELUFLOW_SIZE_(p), RELUFLOW_SIZE_(n)))
#define RELUFLOW_MEASURE_BYTES(n, d) \
  RELUFLOW_WORK_(RELUFLOW_SIZE_(n) && RELUFLOW_SIZE_(d), \
    3 * RELUFLOW_SIZE_(n) + RELUFLOW_SIZE_(d))
#define RELUFLOW_BRACKET_BYTES(p, n, d) \
  RELUFLOW_WORK_(RELUFLOW_SIZE_(p) && RELUFLOW_SIZE_(n) && RELUFLOW_SIZE_(d), \
    RELUFLOW_SIZE_(p) * RELUFLOW_SIZE_(n) + RELUFLOW_SIZE_(p))

/* What the above are made of; W is the width, 16 the number of partial sums of a reduction. */
#define RELUFLOW_SIZE_(x) ((size_t)(x))
#define RELUFLOW_STATE_(valid, floats) \
  ((valid) ? 41 * sizeof(size_t) - 1 + 4 * (floats) : 0)
#define RELUFLOW_WORK_(valid, floats) ((valid) ? 3 + 4 * (floats) : 0)
#define RELUFLOW_CEIL_(x, m) (((x) + (m) - 1) / (m))
#define RELUFLOW_PAD_(x) \
  (RELUFLOW_CEIL_(x, RELUFLOW_MOST_WIDTH_) * RELUFLOW_MOST_WIDTH_)
#define RELUFLOW_SLACK_ (RELUFLOW_MOST_WIDTH_ - 1)
#define RELUFLOW_BATCH_(n, d) \
  (RELUFLOW_PAD_(n) * (d) + (n) * RELUFLOW_PAD_(d) + RELUFLOW_PAD_(n) + RELUFLOW_SLACK_)
/* Samples of a block, and whether neurons lie in the lanes (else samples and coordinates). */
#define RELUFLOW_BLOCK_(n) \
  ((n) <= 144 ? (n) : RELUFLOW_CEIL_(RELUFLOW_CEIL_(n, RELUFLOW_CEIL_(n, 144)), 16) * 16)
#define RELUFLOW_LANES_(x) ((uint64_t)RELUFLOW_CEIL_(x, 16))
#define RELUFLOW_NEURONS_(p, n, d) \
  (29 * (2 * RELUFLOW_LANES_(p) * (n) * (d) + 5 * RELUFLOW_LANES_(p) * (n) + 10 * (uint64_t)(n)) <= \
   28 * (RELUFLOW_LANES_(n) * (p) * (d) + RELUFLOW_LANES_(d) * (p) * (n) + \
         5 * RELUFLOW_LANES_(n) * (p) + 30 * (uint64_t)(p)))
#define RELUFLOW_DENSE_(p, n, d) \
  ((RELUFLOW_NEURONS_(p, n, d) \
    ? (2 * (d) + RELUFLOW_BLOCK_(n)) * RELUFLOW_PAD_(p) + 16 * RELUFLOW_BLOCK_(n) \
    : 2 * (p) * RELUFLOW_PAD_(d) + (p) * RELUFLOW_PAD_(RELUFLOW_BLOCK_(n))) + \
   RELUFLOW_PAD_(RELUFLOW_BLOCK_(n)) + RELUFLOW_PAD_(p))
#define RELUFLOW_GRAM_(p, n) \
  (((n) + 4 * (p) + 2) * RELUFLOW_PAD_(n) + (p) + RELUFLOW_SLACK_)
/* Samples lie in one section of lanes, or in two from 65 on. */
#define RELUFLOW_SECTIONS_(n) ((n) > 64 ? 2 : 1)
#define RELUFLOW_CHUNKS_(n, W) (((n) + RELUFLOW_SECTIONS_(n) * ((W) - 1)) / (W))
#define RELUFLOW_PANELS_(n, W) \
  ((RELUFLOW_CHUNKS_(n, W) + RELUFLOW_SECTIONS_(n) * 3) / 4)
#define RELUFLOW_ORTHOGONAL_(p, n) \
  (((p) + 2) * RELUFLOW_CHUNKS_(n, RELUFLOW_MOST_WIDTH_) * RELUFLOW_MOST_WIDTH_ + 32 * (p) + \
   (n) + (p) * RELUFLOW_PANELS_(n, RELUFLOW_LEAST_WIDTH_) + (p) + RELUFLOW_SLACK_)

/* States; only the library knows what is in them. */
typedef struct reluflow_dense reluflow_dense;
typedef struct reluflow_stream reluflow_stream;
typedef struct reluflow_gram reluflow_gram;
typedef struct reluflow_orthogonal reluflow_orthogonal;
