/*
 * The macros against the functions, over a grid of sizes. Built once for each width, where they must
 * be equal, and once without one (SUFFIX any), where they must be enough.
 */
#include "test.h"

#define PASTE(x, y) x##y
#define NAME(suffix) PASTE(test_sizes_, suffix)
#ifdef RELUFLOW_WIDTH
#define AGREE(macro, function) ((macro) == (function))
#else
#define AGREE(macro, function) ((macro) >= (function) && (function) > 0)
#endif

/* Constant expressions. */
extern unsigned char dense[RELUFLOW_DENSE_BYTES(16, 2, 2)], stream[RELUFLOW_STREAM_BYTES(16, 8, 2)],
    gram[RELUFLOW_GRAM_BYTES(16, 2, 2)], orthogonal[RELUFLOW_ORTHOGONAL_BYTES(16, 2, 2)],
    geometry[RELUFLOW_MEASURE_BYTES(2, 2)], bounds[RELUFLOW_BRACKET_BYTES(16, 2, 2)];

/* 1 to `each`, then farther apart. */
static size_t next(size_t size, size_t each) {
    return size < each ? size + 1 : size + size / 5;
}

void NAME(SUFFIX)(void) {
    CHECK(RELUFLOW_DENSE_BYTES(0, 2, 2) == 0 && RELUFLOW_STREAM_BYTES(2, 145, 2) == 0);
    for (size_t p = 1; p < 400; p = next(p, 34)) {
        for (size_t n = 1; n < 700; n = next(n, 165)) {
            CHECK(AGREE(RELUFLOW_MEASURE_BYTES(n, p), reluflow_measure_bytes(n, p)));
            for (size_t d = 1; d < 200; d = next(d, 34)) {
                CHECK(AGREE(RELUFLOW_DENSE_BYTES(p, n, d), reluflow_dense_bytes(p, n, d)));
                if (n <= 144)
                    CHECK(AGREE(RELUFLOW_STREAM_BYTES(p, n, d), reluflow_stream_bytes(p, n, d)));
                else
                    CHECK(reluflow_stream_bytes(p, n, d) == 0);
            }
            CHECK(AGREE(RELUFLOW_GRAM_BYTES(p, n, 3), reluflow_gram_bytes(p, n, 3)));
            CHECK(AGREE(RELUFLOW_ORTHOGONAL_BYTES(p, n, 3), reluflow_orthogonal_bytes(p, n, 3)));
            CHECK(AGREE(RELUFLOW_BRACKET_BYTES(p, n, 3), reluflow_bracket_bytes(p, n, 3)));
        }
    }
}
