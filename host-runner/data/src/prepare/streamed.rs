//! Data that stay in their file: the passes over them before training.
use super::{
    DataArgs, Prepared, add_squares, check_squares, hash, load, load_test, refused, uneven,
};
use crate::dataset::{Dataset, InputError, Place, Stream};
use crate::preprocess;
use engine::facts::SOLVED_OF_MANY;
use engine::parallel::Cuts;
use engine::{Rows, SampleFile};
use lab::failure::Failure;
use std::path::Path;
use std::sync::Arc;

impl DataArgs {
    /// As [`prepare`](DataArgs::prepare), with the same numbers to the last bit, but the training
    /// samples stay in their file. A table of one piece is read into memory.
    pub fn prepare_streamed(&self, test: Option<&Path>) -> Result<Prepared, Failure> {
        if self.whiten {
            return Err(Failure::bad_input(
                "--whiten with --stream: whitening mixes all samples with each other, so they must \
                 be in memory; leave one of the two away",
            ));
        }
        let (mut stream, mut train) = load(Stream::open(&self.data, self.target.as_deref()))?;
        if Cuts::of(stream.n()).count() == 1 {
            return self.prepare(test);
        }
        let d = stream.d() + usize::from(self.bias);
        if d > SOLVED_OF_MANY {
            return Err(Failure::bad_input(format!(
                "{}: found {d} features, expected at most {SOLVED_OF_MANY} with --stream, since the \
                 bounds of mu need the eigenvalues of a d x d matrix; use fewer features, or leave \
                 --stream away",
                self.data.display()
            )));
        }
        let squares = load(scan(&stream, &train))?;
        let hash = hash(stream.bytes());
        let mut test = load_test(test, &train)?;
        let mut warnings: Vec<String> =
            uneven(&train, &squares).filter(|_| !self.standardize).into_iter().collect();
        let mut standardization = None;
        if self.standardize {
            let (transform, notes) = load(preprocess::standardize_stream(&stream, &train))?;
            warnings.extend(notes);
            if let Some((test, _)) = &mut test {
                transform.apply(test).map_err(refused)?;
            }
            stream.standardize(transform.clone());
            standardization = Some(transform);
        }
        if self.bias {
            stream.append_bias();
            preprocess::append_bias(&mut train);
            if let Some((test, _)) = &mut test {
                preprocess::append_bias(test);
            }
        }
        let target_variance = variance(&stream, &train)?;
        let (test, test_hash) = test.unzip();
        let prepared = Prepared {
            train,
            stream: Some(Arc::new(stream)),
            target_variance,
            test,
            standardization,
            whitening: None,
            warnings,
            hash,
            test_hash,
        };
        prepared.check_size()?;
        Ok(prepared)
    }
}

/// Looks at every number of the file: refuses what is not finite and a target without variation;
/// returns the sum of squares of each feature.
fn scan(stream: &Stream, data: &Dataset) -> Result<Vec<f64>, InputError> {
    let target = stream.target();
    let mut squares = vec![0.0; data.d + 1];
    let (mut first, mut varies) = (None, false);
    stream.each_row(|_, cells| {
        add_squares(&mut squares, cells);
        varies |= *first.get_or_insert(cells[target]) != cells[target];
    })?;
    squares.remove(target);
    match first {
        Some(value) if !varies => Err(InputError::ConstantTarget {
            at: Place::File(data.source.clone()),
            target: data.target_name.clone(),
            value,
            n: data.n,
        }),
        _ => Ok(squares),
    }
}

/// Variance of the target as it is trained on; refuses numbers whose squares overflow.
fn variance(stream: &Stream, data: &Dataset) -> Result<f64, Failure> {
    let mut rows = Rows::<f64>::default();
    let (mut sum, mut squares) = (0.0, [0.0; 2]);
    for piece in Cuts::of(data.n).each() {
        stream.read_f64(piece, &mut rows)?;
        rows.y.iter().for_each(|y| sum += y);
        rows.x.iter().for_each(|x| squares[0] += x * x);
        rows.y.iter().for_each(|y| squares[1] += y * y);
    }
    check_squares(data, squares)?;
    let (mean, mut sum) = (sum / data.n as f64, 0.0);
    for piece in Cuts::of(data.n).each() {
        stream.read_f64(piece, &mut rows)?;
        rows.y.iter().for_each(|y| sum += (y - mean).powi(2));
    }
    Ok(sum / data.n as f64)
}
