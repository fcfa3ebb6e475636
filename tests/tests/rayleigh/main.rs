//! Paper `rayleigh`: quotients and their bounds, logistic regression, sums of sines.

mod quotient;
mod sines;
mod softmax;
