//! Our ways to take a step, all f32. Each also computes the loss, mu and health of its start.
use timing::case::{self, Case, dense_flops, gram_flops, orthogonal_flops};
use timing::grid::{Fixture, Size};
use reluflow::Error;
use reluflow::lanes::NativeF32;

type Flops = fn(Size) -> f64;
type Builder = fn(&Fixture) -> Result<Case, Error>;

/// (name, letters of the sizes that it suits, operations of a step, builder): a line for each.
const CASES: &[(&str, &str, Flops, Builder)] = &[
    ("dense", "ABCDE", dense_flops, case::dense::<NativeF32>),
    ("dense-fixed", "A", dense_flops, case::dense_fixed::<NativeF32, 60, 2, 2>),
    ("replicas-fixed", "A", dense_flops, case::replicas_fixed::<NativeF32, 60, 2, 2>),
    ("dense-fixed", "B", dense_flops, case::dense_fixed::<NativeF32, 32, 32, 32>),
    ("dense-fixed", "D", dense_flops, case::dense_fixed::<NativeF32, 200, 75, 150>),
    ("gram", "ABDE", gram_flops, case::gram::<NativeF32>), // n < 2 d
    ("orthogonal", "E", orthogonal_flops, case::orthogonal::<NativeF32>),
];

/// Names and operations of the cases at a size.
pub fn names(size: Size) -> impl Iterator<Item = (&'static str, f64)> {
    let at = CASES.iter().filter(move |case| case.1.contains(size.letter));
    at.map(move |&(name, _, flops, _)| (name, flops(size)))
}

/// The case of a name at the size of the fixture.
pub fn build(name: &str, fixture: &Fixture) -> Result<Case, Box<dyn std::error::Error>> {
    let mut cases = CASES.iter();
    let case = cases.find(|case| case.0 == name && case.1.contains(fixture.size.letter));
    let (.., builder) = case.ok_or_else(|| format!("no {name} at {}", fixture.size.letter))?;
    Ok(builder(fixture)?)
}
