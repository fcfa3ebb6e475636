/*
 * Calls that must be refused. Everything that a call could write lies in `world`; a refused call must
 * leave every byte of it as it was.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

enum { P = 4, N = 6, D = 3, BYTES = RELUFLOW_DENSE_BYTES(P, N, D) + RELUFLOW_GRAM_BYTES(P, N, D) };

static struct {
    float w[P * D + 1], a[P + 1], x[N * D + 1], y[N + 1];
    float out_w[P * D + 1], out_a[P + 1], h[N + 1], loss[2];
    reluflow_report report[2];
    reluflow_geometry geometry[2];
    reluflow_bounds bounds[2];
    uint32_t flags[2];
    reluflow_dense *dense, *fresh;
    reluflow_stream *stream;
    reluflow_gram *gram;
    reluflow_orthogonal *orthogonal;
    unsigned char block[BYTES], streams[BYTES], grams[BYTES], orthogonals[BYTES], spare[BYTES];
    unsigned char workspace[RELUFLOW_BRACKET_BYTES(P, N, D) + RELUFLOW_MEASURE_BYTES(N, D)];
} world, before;

#define REFUSED(status, call) \
    do { \
        memcpy(&before, &world, sizeof world); \
        test_check((call) == RELUFLOW_STATUS_##status, #status " from " #call, __FILE__, __LINE__); \
        test_check(memcmp(&before, &world, sizeof world) == 0, "nothing written by " #call, __FILE__, \
                   __LINE__); \
    } while (0)

/* The address of a float that is not aligned. */
static void *crooked(void *pointer) {
    return (char *)pointer + 1;
}

/* One call of each function, with its arguments in variables that a test can spoil. */
static struct {
    size_t p, n, d, bytes;
    int scale, inner;
    double lambda;
    float dt, tol;
    float *w, *a, *x, *y, *out_w, *out_a, *h, *loss;
    reluflow_report *report;
    reluflow_geometry *geometry;
    reluflow_bounds *bounds;
    uint32_t *flags;
    void *memory;
    reluflow_dense **slot;
    reluflow_dense *dense;
    reluflow_stream *stream;
    reluflow_gram *gram;
    reluflow_orthogonal *orthogonal;
} g;

static void reset(void) {
    memset(&g, 0, sizeof g);
    g.p = P, g.n = N, g.d = D, g.bytes = BYTES;
    g.scale = RELUFLOW_SCALE_ONE, g.inner = RELUFLOW_INNER_UNIFORM;
    g.lambda = 1, g.dt = 0.01f, g.tol = 1;
    g.w = world.w, g.a = world.a, g.x = world.x, g.y = world.y;
    g.out_w = world.out_w, g.out_a = world.out_a, g.h = world.h, g.loss = world.loss;
    g.report = world.report, g.geometry = world.geometry, g.bounds = world.bounds;
    g.flags = world.flags, g.memory = world.spare, g.slot = &world.fresh;
    g.dense = world.dense, g.stream = world.stream, g.gram = world.gram;
    g.orthogonal = world.orthogonal;
}

static int predict(void) { return reluflow_predict(g.p, g.n, g.d, g.scale, g.w, g.a, g.x, g.h); }
static int loss(void) { return reluflow_loss(g.p, g.n, g.d, g.scale, g.w, g.a, g.x, g.y, g.loss); }
static int gradient(void) {
    return reluflow_gradient(g.p, g.n, g.d, g.scale, g.w, g.a, g.x, g.y, g.out_w, g.out_a, g.report);
}
static int balanced(void) { return reluflow_init_balanced(g.p, g.d, 1, g.lambda, g.out_w, g.out_a); }
static int asymmetric(void) {
    return reluflow_init_asymmetric(g.p, g.d, 1, g.inner, g.out_w, g.out_a);
}
static int orthogonality(void) { return reluflow_check_orthogonal(g.n, g.d, g.x, g.tol); }
static int measure(void) {
    return reluflow_measure(g.n, g.d, g.x, g.y, 9, g.memory, g.bytes, g.geometry);
}
static int bounds(void) {
    return reluflow_bracket(g.p, g.n, g.d, g.scale, g.w, g.a, g.x, g.y, g.geometry, g.memory, g.bytes,
                           g.bounds);
}
static int dense_init(void) {
    return reluflow_dense_init(g.slot, g.memory, g.bytes, g.p, g.n, g.d, g.scale, g.w, g.a, g.x, g.y);
}
static int stream_init(void) {
    return reluflow_stream_init((reluflow_stream **)(void *)g.slot, g.memory, g.bytes, g.p, g.n, g.d,
                                g.scale, g.w, g.a);
}
static int gram_init(void) {
    return reluflow_gram_init((reluflow_gram **)(void *)g.slot, g.memory, g.bytes, g.p, g.n, g.d,
                              g.scale, g.w, g.a, g.x, g.y);
}
static int orthogonal_init(void) {
    return reluflow_orthogonal_init((reluflow_orthogonal **)(void *)g.slot, g.memory, g.bytes, g.p,
                                    g.n, g.d, g.scale, g.w, g.a, g.x, g.y);
}
static int dense_step(void) { return reluflow_dense_step(g.dense, g.dt, g.report); }
static int gram_step(void) { return reluflow_gram_step(g.gram, g.dt, g.report); }
static int orthogonal_step(void) {
    return reluflow_orthogonal_step(g.orthogonal, g.dt, g.report);
}
static int stream_finish(void) { return reluflow_stream_finish(g.stream, g.dt, g.report); }
static int stream_begin(void) { return reluflow_stream_begin(g.stream); }
static int stream_feed(void) { return reluflow_stream_feed(g.stream, g.n, g.x, g.y); }
static int dense_weights(void) { return reluflow_dense_weights(g.dense, g.out_w, g.out_a); }
static int stream_weights(void) { return reluflow_stream_weights(g.stream, g.out_w, g.out_a); }
static int gram_weights(void) {
    return reluflow_gram_weights(g.gram, g.w, g.x, g.out_w, g.out_a);
}
static int orthogonal_weights(void) {
    return reluflow_orthogonal_weights(g.orthogonal, g.w, g.x, g.out_w, g.out_a);
}
static int gram_refresh(void) { return reluflow_gram_refresh(g.gram, g.w, g.x); }
static int dense_predictions(void) { return reluflow_dense_predictions(g.dense, g.h); }
static int dense_loss(void) { return reluflow_dense_loss(g.dense, g.loss); }
static int dense_gradient(void) { return reluflow_dense_gradient(g.dense, g.out_w, g.out_a); }
static int dense_health(void) { return reluflow_dense_health(g.dense, g.flags); }
static int stream_health(void) { return reluflow_stream_health(g.stream, g.flags); }
static int gram_health(void) { return reluflow_gram_health(g.gram, g.flags); }
static int orthogonal_health(void) {
    return reluflow_orthogonal_health(g.orthogonal, g.flags);
}

/* What a function takes. */
enum {
    SIZE_P = 1, SIZE_N = 2, SIZE_D = 4, SCALE = 8, IN_W = 16, IN_A = 32, IN_X = 64, IN_Y = 128,
    OUT_W = 256, OUT_A = 512, OUT_H = 1024, LOSS = 2048, REPORT = 4096, FLAGS = 8192, DT = 16384,
    MEMORY = 32768, SLOT = 65536, DENSE = 131072, STREAM = 262144, GRAM = 524288,
    ORTHOGONAL = 1048576, GEOMETRY = 2097152, BOUNDS = 4194304,
    SIZES = SIZE_P | SIZE_N | SIZE_D, NET = IN_W | IN_A, DATA = IN_X | IN_Y, OUT = OUT_W | OUT_A,
    INIT = SIZES | SCALE | NET | MEMORY | SLOT
};

static const struct { int (*call)(void); const char *name; int takes; } FUNCTIONS[] = {
    {predict, "predict", SIZES | SCALE | NET | IN_X | OUT_H},
    {loss, "loss", SIZES | SCALE | NET | DATA | LOSS},
    {gradient, "gradient", SIZES | SCALE | NET | DATA | OUT | REPORT},
    {balanced, "balanced", SIZE_P | SIZE_D | OUT},
    {asymmetric, "asymmetric", SIZE_P | SIZE_D | OUT},
    {orthogonality, "orthogonality", SIZE_N | SIZE_D | IN_X},
    {measure, "measure", SIZE_N | SIZE_D | DATA | MEMORY | GEOMETRY},
    {bounds, "bounds", SIZES | SCALE | NET | DATA | MEMORY | GEOMETRY | BOUNDS},
    {dense_init, "dense_init", INIT | DATA},
    {stream_init, "stream_init", INIT},
    {gram_init, "gram_init", INIT | DATA},
    {orthogonal_init, "orthogonal_init", INIT | DATA},
    {dense_step, "dense_step", DENSE | DT | REPORT},
    {stream_feed, "stream_feed", STREAM | SIZE_N | DATA},
    {stream_finish, "stream_finish", STREAM | DT | REPORT},
    {stream_begin, "stream_begin", STREAM},
    {gram_step, "gram_step", GRAM | DT | REPORT},
    {orthogonal_step, "orthogonal_step", ORTHOGONAL | DT | REPORT},
    {dense_weights, "dense_weights", DENSE | OUT},
    {stream_weights, "stream_weights", STREAM | OUT},
    {gram_weights, "gram_weights", GRAM | IN_W | IN_X | OUT},
    {orthogonal_weights, "orthogonal_weights", ORTHOGONAL | IN_W | IN_X | OUT},
    {gram_refresh, "gram_refresh", GRAM | IN_W | IN_X},
    {dense_predictions, "dense_predictions", DENSE | OUT_H},
    {dense_loss, "dense_loss", DENSE | LOSS},
    {dense_gradient, "dense_gradient", DENSE | OUT},
    {dense_health, "dense_health", DENSE | FLAGS},
    {stream_health, "stream_health", STREAM | FLAGS},
    {gram_health, "gram_health", GRAM | FLAGS},
    {orthogonal_health, "orthogonal_health", ORTHOGONAL | FLAGS},
};

static size_t at;

static void refused(int status, const char *why) {
    char what[160];
    strcpy(what, FUNCTIONS[at].name);
    strcat(what, why);
    memcpy(&before, &world, sizeof world);
    int found = FUNCTIONS[at].call();
    test_check(found == status, what, __FILE__, __LINE__);
    test_check(memcmp(&before, &world, sizeof world) == 0, strcat(what, ": nothing written"),
               __FILE__, __LINE__);
    reset();
}

#define SPOILT(bit, status, assignment, why) \
    do { \
        if (FUNCTIONS[at].takes & (bit)) { \
            assignment; \
            refused(RELUFLOW_STATUS_##status, why); \
        } \
    } while (0)

/* Every pointer null or crooked; memory and handles have rules of their own. */
static void pointers(void) {
#define POINTER(bit, name) \
    SPOILT(bit, NULL, g.name = NULL, ": " #name " null"); \
    SPOILT(bit, MISALIGNED, g.name = crooked(g.name), ": " #name " misaligned")
    POINTER(IN_W, w);
    POINTER(IN_A, a);
    POINTER(IN_X, x);
    POINTER(IN_Y, y);
    POINTER(OUT_W, out_w);
    POINTER(OUT_A, out_a);
    POINTER(OUT_H, h);
    POINTER(LOSS, loss);
    POINTER(REPORT, report);
    POINTER(FLAGS, flags);
    POINTER(SLOT, slot);
    POINTER(DENSE, dense);
    POINTER(STREAM, stream);
    POINTER(GRAM, gram);
    POINTER(ORTHOGONAL, orthogonal);
    POINTER(GEOMETRY, geometry);
    POINTER(BOUNDS, bounds);
    SPOILT(MEMORY, NULL, g.memory = NULL, ": memory null");
#undef POINTER
}

static void numbers(void) {
    static const size_t HUGE_SIZES[] = {SIZE_MAX, SIZE_MAX / 2 + 2, SIZE_MAX / 8, SIZE_MAX / 64,
                                        SIZE_MAX / 600};
    SPOILT(SIZE_P, EMPTY, g.p = 0, ": p 0");
    SPOILT(SIZE_N, EMPTY, g.n = 0, ": n 0");
    SPOILT(SIZE_D, EMPTY, g.d = 0, ": d 0");
    for (size_t k = 0; k < sizeof HUGE_SIZES / sizeof *HUGE_SIZES; k++) {
        /* A stream's buffer is refused for being above 144, or for the product. */
        SPOILT(SIZE_P, TOO_LARGE, g.p = HUGE_SIZES[k], ": p huge");
        SPOILT(SIZE_N, TOO_LARGE, g.n = HUGE_SIZES[k], ": n huge");
        SPOILT(SIZE_D, TOO_LARGE, g.d = HUGE_SIZES[k], ": d huge");
    }
    SPOILT(SCALE, ARGUMENT, g.scale = 2, ": scale 2");
    SPOILT(SCALE, ARGUMENT, g.scale = -1, ": scale -1");
    SPOILT(MEMORY, MEMORY, g.bytes = 8, ": 8 bytes");
    SPOILT(DT, NOT_FINITE, g.dt = NAN, ": dt NaN");
    SPOILT(DT, NOT_FINITE, g.dt = -INFINITY, ": dt infinite");
    static const float BAD[] = {NAN, INFINITY, -INFINITY};
    for (size_t k = 0; k < 3; k++) {
#define NUMBER(bit, name, index) \
    do { \
        float good = world.name[index]; \
        world.name[index] = BAD[k]; \
        SPOILT(bit, NOT_FINITE, (void)0, ": " #name " not finite"); \
        world.name[index] = good; \
    } while (0)
        NUMBER(IN_W, w, 0);
        NUMBER(IN_W, w, P * D - 1);
        NUMBER(IN_A, a, P - 1);
        NUMBER(IN_X, x, 0);
        NUMBER(IN_X, x, N * D - 1);
        NUMBER(IN_Y, y, N - 1);
#undef NUMBER
    }
}

/* Every output on every input, on every other output and in the block of the state. */
static void overlaps(void) {
    const int takes = FUNCTIONS[at].takes;
    const int owned = DENSE | STREAM | GRAM | ORTHOGONAL | MEMORY;
    unsigned char *state = takes & DENSE        ? world.block
                           : takes & STREAM     ? world.streams
                           : takes & GRAM       ? world.grams
                           : takes & ORTHOGONAL ? world.orthogonals
                                                : world.spare;
    /* Inside the block, behind the head. */
    void *inside = state + (48 * sizeof(size_t) - (size_t)state % sizeof(size_t));
    const struct { int bit; float *first, *last; } inputs[] = {
        {IN_W, world.w, world.w + P * D - 1}, {IN_A, world.a, world.a + P - 1},
        {IN_X, world.x, world.x + N * D - 1}, {IN_Y, world.y, world.y + N - 1},
    };
    for (size_t k = 0; k < 4; k++) {
        if ((takes & inputs[k].bit) == 0)
            continue;
        SPOILT(OUT_W, OVERLAP, g.out_w = inputs[k].first, ": out_w on an input");
        SPOILT(OUT_W, OVERLAP, g.out_w = inputs[k].last, ": out_w on the end of an input");
        SPOILT(OUT_A, OVERLAP, g.out_a = inputs[k].last, ": out_a on an input");
        SPOILT(OUT_H, OVERLAP, g.h = inputs[k].last, ": h on an input");
        SPOILT(LOSS, OVERLAP, g.loss = inputs[k].last, ": loss on an input");
        SPOILT(MEMORY, OVERLAP, g.memory = inputs[k].last, ": memory on an input");
        SPOILT(REPORT, OVERLAP, g.report = (void *)inputs[k].first, ": report on an input");
    }
    if ((takes & OUT) == OUT)
        SPOILT(OUT_A, OVERLAP, g.out_a = g.out_w + P * D - 1, ": out_a on out_w");
    if ((takes & (OUT_W | REPORT)) == (OUT_W | REPORT))
        SPOILT(REPORT, OVERLAP, g.report = (void *)g.out_w, ": report on out_w");
    if (takes & owned) {
        SPOILT(OUT_W, OVERLAP, g.out_w = inside, ": out_w in the state");
        SPOILT(OUT_A, OVERLAP, g.out_a = inside, ": out_a in the state");
        SPOILT(OUT_H, OVERLAP, g.h = inside, ": h in the state");
        SPOILT(LOSS, OVERLAP, g.loss = inside, ": loss in the state");
        SPOILT(REPORT, OVERLAP, g.report = inside, ": report in the state");
        SPOILT(FLAGS, OVERLAP, g.flags = inside, ": flags in the state");
        SPOILT(IN_W, OVERLAP, g.w = inside, ": w in the state");
        SPOILT(IN_A, OVERLAP, g.a = inside, ": a in the state");
        SPOILT(IN_X, OVERLAP, g.x = inside, ": x in the state");
        SPOILT(IN_Y, OVERLAP, g.y = inside, ": y in the state");
        SPOILT(SLOT, OVERLAP, g.slot = inside, ": the handle in the block");
        SPOILT(GEOMETRY, OVERLAP, g.geometry = inside, ": geometry in the workspace");
        SPOILT(BOUNDS, OVERLAP, g.bounds = inside, ": bounds in the workspace");
    }
}

/* A state of another type, of no type, in a block that was moved. */
static void handles(void) {
    static size_t zeros[64], copy[BYTES / sizeof(size_t)];
    const size_t *head = FUNCTIONS[at].takes & DENSE    ? (const void *)world.dense
                         : FUNCTIONS[at].takes & STREAM ? (const void *)world.stream
                         : FUNCTIONS[at].takes & GRAM   ? (const void *)world.gram
                                                        : (const void *)world.orthogonal;
    memcpy(copy, head, sizeof copy / 2);
    void *wrong[] = {zeros, copy, NULL, NULL, NULL};
    size_t count = 2;
    if (!(FUNCTIONS[at].takes & DENSE)) wrong[count++] = world.dense;
    if (!(FUNCTIONS[at].takes & STREAM)) wrong[count++] = world.stream;
    if (!(FUNCTIONS[at].takes & GRAM)) wrong[count++] = world.gram;
    for (size_t k = 0; k < count; k++) {
        SPOILT(DENSE, HANDLE, g.dense = wrong[k], ": a wrong handle");
        SPOILT(STREAM, HANDLE, g.stream = wrong[k], ": a wrong handle");
        SPOILT(GRAM, HANDLE, g.gram = wrong[k], ": a wrong handle");
        SPOILT(ORTHOGONAL, HANDLE, g.orthogonal = wrong[k], ": a wrong handle");
    }
}

/* A block of exactly the bytes that it takes, at every address: what is around it stays. */
static void exact(void) {
    const size_t bytes = reluflow_dense_bytes(P, N, D);
    unsigned char *room = malloc(bytes + 64);
    for (size_t skip = 0; skip < 32 && room != NULL; skip++) {
        memset(room, 0xA5, bytes + 64);
        REFUSED(MEMORY, reluflow_dense_init(&g.dense, room + skip, bytes - 1, P, N, D, 0, g.w, g.a, g.x,
                                            g.y));
        OK(reluflow_dense_init(&g.dense, room + skip, bytes, P, N, D, 0, g.w, g.a, g.x, g.y));
        for (int step = 0; step < 3; step++)
            OK(reluflow_dense_step(g.dense, 0.1f, g.report));
        OK(reluflow_dense_gradient(g.dense, g.out_w, g.out_a));
        size_t touched = 0;
        for (size_t k = 0; k < bytes + 64; k++)
            touched += (k < skip || k >= skip + bytes) && room[k] != 0xA5;
        CHECK(touched == 0);
    }
    CHECK(room != NULL);
    free(room);
    reset();
}

void test_hostile(void) {
    problem q = made(P, N, D, RELUFLOW_SCALE_ONE);
    memcpy(world.w, q.w, P * D * sizeof *q.w);
    memcpy(world.a, q.a, P * sizeof *q.a);
    memcpy(world.x, q.x, N * D * sizeof *q.x);
    memcpy(world.y, q.y, N * sizeof *q.y);
    OK(reluflow_dense_init(&world.dense, world.block, BYTES, P, N, D, 0, q.w, q.a, q.x, q.y));
    OK(reluflow_stream_init(&world.stream, world.streams, BYTES, P, N, D, 0, q.w, q.a));
    OK(reluflow_gram_init(&world.gram, world.grams, BYTES, P, N, D, 0, q.w, q.a, q.x, q.y));
    OK(reluflow_orthogonal_init(&world.orthogonal, world.orthogonals, BYTES, P, N, D, 0, q.w, q.a, q.x,
                                q.y));
    OK(reluflow_stream_feed(world.stream, N, q.x, q.y));
    reset();
    OK(reluflow_measure(N, D, g.x, g.y, 9, g.memory, g.bytes, g.geometry));
    for (at = 0; at < sizeof FUNCTIONS / sizeof *FUNCTIONS; at++) {
        pointers();
        numbers();
        overlaps();
        if (FUNCTIONS[at].takes & (DENSE | STREAM | GRAM | ORTHOGONAL))
            handles();
    }
    for (at = 0; at < sizeof FUNCTIONS / sizeof *FUNCTIONS; at++) {
        /* With nothing spoilt each is accepted, so it was the spoilt argument that was refused. */
        if (FUNCTIONS[at].call == stream_finish)
            OK(reluflow_stream_feed(world.stream, N, q.x, q.y));
        test_check(FUNCTIONS[at].call() == RELUFLOW_STATUS_OK, FUNCTIONS[at].name, __FILE__, __LINE__);
    }
    REFUSED(ARGUMENT, reluflow_init_asymmetric(P, D, 1, 2, g.out_w, g.out_a));
    REFUSED(ARGUMENT, reluflow_init_balanced(P, D, 1, 0, g.out_w, g.out_a));
    REFUSED(ARGUMENT, reluflow_init_balanced(P, D, 1, 1e38, g.out_w, g.out_a));
    REFUSED(NOT_FINITE, reluflow_init_balanced(P, D, 1, (double)NAN, g.out_w, g.out_a));
    REFUSED(ARGUMENT, reluflow_check_orthogonal(N, D, g.x, -1));
    REFUSED(ARGUMENT, reluflow_check_orthogonal(N, D, g.x, NAN));
    REFUSED(ARGUMENT, reluflow_stream_init(&g.stream, g.memory, g.bytes, P, 145, D, 0, g.w, g.a));
    REFUSED(ARGUMENT, reluflow_bracket(P, N - 1, D, 0, g.w, g.a, g.x, g.y, g.geometry, g.memory, g.bytes,
                                      g.bounds));
    float first[D];
    memcpy(first, world.x, sizeof first);
    memset(world.x, 0, sizeof first);
    at = 11;
    refused(RELUFLOW_STATUS_ZERO_SAMPLE, ": a zero sample");
    memcpy(world.x, first, sizeof first);
    exact();
}
