// The step as plain loops that the compiler vectorises; P, N, D are constants of the compilation.
// Neurons are contiguous, so that all inner loops run over them. Called with FILE; answers the driver
// as `protocol.py` says.
#include <cstdio>
#include <cstring>
#include <ctime>

static float x[N][D], y[N], w[D][P], a[P], dw[D][P], da[P];

static double step(float dt) {
    double squares = 0;
    std::memset(dw, 0, sizeof dw);
    std::memset(da, 0, sizeof da);
    for (int i = 0; i < N; i++) {
        float z[P] = {}, g[P], h = 0;
        for (int k = 0; k < D; k++)
            for (int j = 0; j < P; j++) z[j] += w[k][j] * x[i][k];
        for (int j = 0; j < P; j++) h += a[j] * (z[j] > 0 ? z[j] : 0);
        const float r = y[i] - h / P;
        squares += r * r;
        for (int j = 0; j < P; j++) {
            da[j] += r * (z[j] > 0 ? z[j] : 0);
            g[j] = z[j] > 0 ? r * a[j] : 0;
        }
        for (int k = 0; k < D; k++)
            for (int j = 0; j < P; j++) dw[k][j] += g[j] * x[i][k];
    }
    const float rate = dt / N;
    for (int k = 0; k < D; k++)
        for (int j = 0; j < P; j++) w[k][j] += rate * dw[k][j];
    for (int j = 0; j < P; j++) a[j] += rate * da[j];
    return squares / (2 * N);
}

static double seconds() {
    timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec + 1e-9 * now.tv_nsec;
}

int main(int, char **arguments) {
    static float rows[P][D];
    FILE *file = std::fopen(arguments[1], "rb");
    if (!file || std::fread(x, sizeof x, 1, file) != 1 || std::fread(y, sizeof y, 1, file) != 1 ||
        std::fread(rows, sizeof rows, 1, file) != 1 || std::fread(a, sizeof a, 1, file) != 1) {
        std::fprintf(stderr, "cannot read %s\n", arguments[1]);
        return 1;
    }
    for (int j = 0; j < P; j++)
        for (int k = 0; k < D; k++) w[k][j] = rows[j][k];
    std::puts("ready");
    std::fflush(stdout);
    char command[8];
    long steps;
    double dt;
    while (std::scanf("%7s %ld %lf", command, &steps, &dt) == 3) {
        const double start = seconds();
        for (long i = 0; i < steps; i++) step(dt);
        const double taken = seconds() - start;
        std::printf("%.17g\n", std::strcmp(command, "time") == 0 ? taken : step(0));
        std::fflush(stdout);
    }
}
