//! From the user's files to the numbers that are trained on: loading, scaling, whitening, bias.
mod streamed;

use crate::dataset::Standardization;
use crate::dataset::{self, Dataset, Stream};
use crate::preprocess::{self, PreprocessError, Whitening};
use lab::failure::Failure;
use lab::short;
use serde_json::{Map, Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Flags that name the data and what is done to them; `train` and `check` share them.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct DataArgs {
    /// Table of numbers, one sample a row: .csv, .tsv, .txt (header or none) or .npy
    #[arg(long, value_name = "FILE")]
    pub data: PathBuf,
    /// Column to predict, by name or by index counted from 0 [default: the last]
    #[arg(long, value_name = "NAME|INDEX")]
    pub target: Option<String>,
    /// Give every feature and the target mean 0 and deviation 1; the loss is then in these units
    #[arg(long)]
    pub standardize: bool,
    /// Make the samples orthonormal, as the theorems on orthogonal data ask (needs n <= d)
    #[arg(long)]
    pub whiten: bool,
    /// Append a feature equal to 1, which gives every neuron an offset
    #[arg(long)]
    pub bias: bool,
}

/// Data ready to train on, and what was done to them.
#[derive(Debug)]
pub struct Prepared {
    /// The samples after all transforms.
    pub train: Dataset,
    /// Where the samples are, if they stay in their file.
    pub stream: Option<Arc<Stream>>,
    /// Variance of the target after all transforms.
    pub target_variance: f64,
    /// The test samples after the same transforms.
    pub test: Option<Dataset>,
    /// Present under `--standardize`.
    pub standardization: Option<Standardization>,
    /// Present under `--whiten`.
    pub whitening: Option<Whitening>,
    /// Things that the user should know, e.g. constant features.
    pub warnings: Vec<String>,
    /// Hash of the bytes of the data file.
    pub hash: String,
    /// Hash of the bytes of the test file.
    pub test_hash: Option<String>,
}

impl DataArgs {
    /// Loads and transforms. Standardizes first and whitens last, so that the bias is neither
    /// scaled away nor spoils the orthogonality.
    pub fn prepare(&self, test: Option<&Path>) -> Result<Prepared, Failure> {
        if self.whiten && test.is_some() {
            return Err(Failure::bad_input(
                "--whiten with --test-data: whitening mixes the training samples with each other, \
                 so there is nothing to do to a test sample; leave one of the two away",
            ));
        }
        let mut train = load(dataset::load(&self.data, self.target.as_deref()))?;
        let hash = fnv1a(&self.data)?;
        let mut test = load_test(test, &train)?;
        let mut squares = vec![0.0; train.d];
        train.x.chunks_exact(train.d).for_each(|row| add_squares(&mut squares, row));
        let mut warnings: Vec<String> =
            uneven(&train, &squares).filter(|_| !self.standardize).into_iter().collect();
        let mut standardization = None;
        if self.standardize {
            let (transform, notes) = preprocess::standardize(&mut train);
            warnings.extend(notes);
            if let Some((test, _)) = &mut test {
                transform.apply(test).map_err(refused)?;
            }
            standardization = Some(transform);
        }
        if self.bias {
            preprocess::append_bias(&mut train);
            if let Some((test, _)) = &mut test {
                preprocess::append_bias(test);
            }
        }
        let whitening = match self.whiten {
            true => Some(preprocess::whiten(&mut train).map_err(|error| self.not_whitened(error))?),
            false => None,
        };
        let (test, test_hash) = test.unzip();
        let (y, n) = (&train.y, train.n as f64);
        let mean = y.iter().sum::<f64>() / n;
        let target_variance = y.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / n;
        let stream = None;
        let prepared = Prepared {
            train,
            stream,
            target_variance,
            test,
            standardization,
            whitening,
            warnings,
            hash,
            test_hash,
        };
        prepared.check_size()?;
        Ok(prepared)
    }

    fn not_whitened(&self, error: PreprocessError) -> Failure {
        let hint = match error {
            PreprocessError::DependentRows { .. } if self.bias && self.standardize => "",
            // Centred columns make the rows sum to zero, which no user expects of two flags.
            PreprocessError::DependentRows { .. } if self.standardize => {
                "; standardized rows always sum to zero, so add --bias or leave --standardize away"
            }
            PreprocessError::DependentRows { .. } => {
                "; features of very different size do this too, --standardize --bias helps then"
            }
            _ => "",
        };
        Failure::bad_input(format!("{error}{hint}"))
    }

    /// What `config.toml` says of the data.
    pub fn describe(&self, map: &mut Map<String, Value>, prepared: &Prepared) {
        map.insert("data".into(), json!(self.data.to_string_lossy()));
        map.insert("data_fnv1a".into(), json!(prepared.hash));
        map.insert("target".into(), json!(prepared.train.target_name));
        map.insert("standardize".into(), json!(self.standardize));
        map.insert("whiten".into(), json!(self.whiten));
        map.insert("bias".into(), json!(self.bias));
    }
}

impl Prepared {
    /// The target's own unit for one unit of the numbers trained on.
    pub fn target_unit(&self) -> f64 {
        self.standardization.as_ref().map_or(1.0, |transform| transform.target_std)
    }

    /// Sums of squares must stay finite, in f64 here and in f32 where that is asked for.
    fn check_size(&self) -> Result<(), Failure> {
        for data in std::iter::once(&self.train).chain(&self.test) {
            let square = |v: &[f64]| v.iter().map(|v| v * v).sum::<f64>();
            check_squares(data, [square(&data.x), square(&data.y)])?;
        }
        Ok(())
    }

    /// The `data` of the JSON documents.
    pub fn to_json(&self) -> Value {
        let data = &self.train;
        let mut map = Map::new();
        map.insert("source".into(), json!(data.source.to_string_lossy()));
        map.insert("fnv1a".into(), json!(self.hash));
        map.insert("n".into(), json!(data.n));
        map.insert("d".into(), json!(data.d));
        map.insert("features".into(), json!(data.feature_names));
        map.insert("target".into(), json!(data.target_name));
        if let Some(transform) = &self.standardization {
            map.insert("standardization".into(), standardization_json(transform));
        }
        if let Some(white) = self.whitening {
            let whitening = json!({
                "smallest_eigenvalue": white.smallest_eigenvalue,
                "largest_eigenvalue": white.largest_eigenvalue,
                "defect": white.defect,
            });
            map.insert("whitening".into(), whitening);
        }
        if let Some(test) = &self.test {
            let test = json!({
                "source": test.source.to_string_lossy(),
                "fnv1a": self.test_hash,
                "n": test.n,
            });
            map.insert("test".into(), test);
        }
        map.insert("warnings".into(), json!(self.warnings));
        Value::Object(map)
    }
}

/// What a network trained on standardized data needs beside its weights.
pub fn standardization_json(transform: &Standardization) -> Value {
    json!({
        "feature_mean": transform.feature_mean,
        "feature_std": transform.feature_std,
        "target_mean": transform.target_mean,
        "target_std": transform.target_std,
    })
}

fn check_squares(data: &Dataset, sums: [f64; 2]) -> Result<(), Failure> {
    match sums.iter().all(|sum| sum.is_finite()) {
        true => Ok(()),
        false => Err(Failure::bad_input(format!(
            "{}: found numbers whose squares overflow, expected sizes below 1e150; change their \
             unit or add --standardize",
            data.source.display()
        ))),
    }
}

/// Adds the squares of a row to the sums of its columns.
fn add_squares(squares: &mut [f64], row: &[f64]) {
    for (square, v) in squares.iter_mut().zip(row) {
        *square += v * v;
    }
}

/// A word about features of very different size, from their sums of squares: the small ones are
/// hardly learnt.
fn uneven(data: &Dataset, squares: &[f64]) -> Option<String> {
    const TOO_MUCH: f64 = 100.0;
    let sizes =
        || squares.iter().map(|square| square.sqrt()).enumerate().filter(|(_, size)| *size > 0.0);
    let (least, low) = sizes().min_by(|x, y| x.1.total_cmp(&y.1))?;
    let (most, high) = sizes().max_by(|x, y| x.1.total_cmp(&y.1))?;
    (high > TOO_MUCH * low).then(|| {
        format!(
            "{}: feature {:?} is {} times as large as {:?}, so the small ones are learnt slowly; \
             --standardize gives all the same size",
            data.source.display(),
            data.feature_names[most],
            short(high / low),
            data.feature_names[least]
        )
    })
}

fn load<T>(loaded: Result<T, dataset::InputError>) -> Result<T, Failure> {
    loaded.map_err(|error| Failure::bad_input(error.to_string()))
}

/// The test data, if there are any, and the hash of their file.
fn load_test(path: Option<&Path>, train: &Dataset) -> Result<Option<(Dataset, String)>, Failure> {
    path.map(|path| Ok((load(dataset::load_test(path, train))?, fnv1a(path)?))).transpose()
}

fn refused(error: PreprocessError) -> Failure {
    Failure::bad_input(error.to_string())
}

fn fnv1a(path: &Path) -> Result<String, Failure> {
    Ok(hash(&fs::read(path).map_err(|error| Failure::read(path, &error))?))
}

/// FNV-1a, 64 bits, of a file: it tells apart files that differ by accident, and no more is asked.
fn hash(bytes: &[u8]) -> String {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> (tempfile::TempDir, DataArgs) {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("t.csv");
        fs::write(&data, text).unwrap();
        (folder, DataArgs { data, ..DataArgs::default() })
    }

    #[test]
    fn the_hash_is_the_published_one() {
        let (_folder, args) = written("foobar");
        assert_eq!(fnv1a(&args.data).unwrap(), "85944171f73967e8");
    }

    #[test]
    fn the_bias_survives_standardizing_and_reaches_the_test_data() {
        let (folder, args) = written("1,2\n3,4\n5,9\n");
        let test = folder.path().join("test.csv");
        fs::write(&test, "3,5\n").unwrap();
        let args = DataArgs { standardize: true, bias: true, ..args };
        let prepared = args.prepare(Some(&test)).unwrap();
        assert_eq!((prepared.train.d, prepared.train.x[1]), (2, 1.0));
        let test = prepared.test.unwrap();
        assert_eq!(test.x, [0.0, 1.0]);
        assert!(test.y[0].abs() < 1e-15, "{:?}", test.y);
    }

    #[test]
    fn whitening_centred_rows_says_what_helps() {
        let (_folder, args) = written("1,2,3,5,4\n3,4,1,0,1\n5,9,2,2,2\n");
        let args = DataArgs { standardize: true, whiten: true, ..args };
        let said = args.prepare(None).unwrap_err().to_string();
        assert!(said.contains("add --bias"), "{said}");
        let args = DataArgs { bias: true, ..args };
        assert!(args.prepare(None).unwrap().whitening.unwrap().defect < 1e-14);
    }

    #[test]
    fn squares_that_overflow_are_refused() {
        let (_folder, args) = written("1e200,2\n3,4\n");
        assert!(args.prepare(None).unwrap_err().to_string().contains("--standardize"));
        assert!(DataArgs { standardize: true, ..args }.prepare(None).is_ok());
    }
}
