//! Steps whose sizes are constants of their types, which no run of the command takes: they are compiled here.
use crate::case::{Case, dense_fixed, replicas_fixed};
use crate::grid::Fixture;
use reluflow::Error;
use reluflow::lanes::{NativeF32, NativeF64};

/// Those of the fixture's size, if `bench` times any.
///
/// # Errors
/// None for the sizes of the grid.
pub fn cases(fixture: &Fixture) -> Result<Vec<Case>, Error> {
    Ok(match fixture.size.letter {
        'A' => vec![
            dense_fixed::<NativeF32, 60, 2, 2>(fixture)?,
            replicas_fixed::<NativeF32, 60, 2, 2>(fixture)?,
            replicas_fixed::<NativeF64, 60, 2, 2>(fixture)?,
        ],
        'B' => vec![dense_fixed::<NativeF32, 32, 32, 32>(fixture)?],
        'D' => vec![dense_fixed::<NativeF32, 200, 75, 150>(fixture)?],
        _ => Vec::new(),
    })
}
