/* Runs all tests; prints how many checks there were and the hash of all results. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "test.h"

static unsigned long checks, failures;
static uint64_t hash = UINT64_C(0xcbf29ce484222325);

void test_check(int good, const char *what, const char *file, int line) {
    checks++;
    if (good)
        return;
    if (failures++ < 20)
        fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
}

void test_near(double found, double expected, double tolerance, const char *what, const char *file,
               int line) {
    checks++;
    if (fabs(found - expected) <= tolerance)
        return;
    if (failures++ < 20)
        fprintf(stderr, "%s:%d: %s is %.9g, expected %.9g within %.2g\n", file, line, what, found,
                expected, tolerance);
}

void test_hash(const float *numbers, size_t len) {
    for (size_t i = 0; i < len; i++) {
        uint32_t word;
        memcpy(&word, &numbers[i], sizeof word);
        for (int byte = 0; byte < 4; byte++)
            hash = (hash ^ (word >> (8 * byte) & 255)) * UINT64_C(0x100000001b3);
    }
}

int main(void) {
    CHECK(reluflow_version() == RELUFLOW_VERSION);
    CHECK(strcmp(RELUFLOW_VERSION_STRING, "0.0.0") > 0);
    CHECK(reluflow_golden() == RELUFLOW_GOLDEN);
    for (int status = 0; status <= RELUFLOW_STATUS_INTERNAL; status++)
        CHECK(strcmp(reluflow_status_text(status), reluflow_status_text(-1)) != 0);
    CHECK(strcmp(reluflow_status_text(RELUFLOW_STATUS_NULL), "a pointer is null") == 0);
    CHECK(reluflow_status_text(1000) == reluflow_status_text(-1));
    test_sizes_any();
    switch (reluflow_width()) {
    case 1: test_sizes_1(); break;
    case 4: test_sizes_4(); break;
    case 8: test_sizes_8(); break;
    case 16: test_sizes_16(); break;
    default: CHECK(!"a width that the header knows");
    }
    test_plain();
    test_states();
    test_stream();
    test_theory();
    test_rust();
    test_hostile();
    if (failures > 0) {
        fprintf(stderr, "%lu of %lu checks failed\n", failures, checks);
        return 1;
    }
    fprintf(stderr, "%lu checks good, registers of %lu\n", checks, (unsigned long)reluflow_width());
    printf("bits %08lx%08lx\n", (unsigned long)(hash >> 32), (unsigned long)(hash & 0xffffffff));
    return 0;
}
