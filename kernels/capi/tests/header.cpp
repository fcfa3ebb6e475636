/* The header is C++ as well. */
#include "reluflow.h"

static unsigned char memory[RELUFLOW_DENSE_BYTES(16, 2, 2)];

int main() {
    reluflow_dense *dense = nullptr;
    reluflow_report report = reluflow_report();
    (void)memory;
    return reluflow_dense_step(dense, 0.1f, &report) != RELUFLOW_STATUS_NULL;
}
