//! Grid of sizes and self-checks shared by the criterion benches.
