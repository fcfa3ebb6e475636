//! The trained network as files: JSON for people and other programs, .npy for NumPy.
use super::args::TrainArgs;
use data::dataset::npy_bytes;
use data::prepare::{Prepared, standardization_json};
use engine::narrow;
use engine::training::Trained;
use lab::Precision;
use lab::failure::Failure;
use lab::run_folder::{RunFolder, pretty};
use serde_json::{Map, Value, json};

/// Writes `weights.json`, `w.npy` (p x d) and `a.npy` (p).
pub fn write(
    folder: &RunFolder,
    args: &TrainArgs,
    prepared: &Prepared,
    trained: &Trained,
) -> Result<(), Failure> {
    let (p, d) = (trained.a.len(), prepared.train.d);
    folder.write("weights.json", pretty(&json(args, prepared, trained)).as_bytes())?;
    let bytes = |shape: &[usize], values: &[f64]| match args.precision {
        Precision::F32 => npy_bytes::<f32>(shape, &narrow(values)),
        Precision::F64 => npy_bytes::<f64>(shape, values),
    };
    folder.write("w.npy", &bytes(&[p, d], &trained.w))?;
    folder.write("a.npy", &bytes(&[p], &trained.a))
}

/// All that another program needs to predict.
fn json(args: &TrainArgs, prepared: &Prepared, trained: &Trained) -> Value {
    let data = &prepared.train;
    let mut map = Map::new();
    map.insert("model".into(), json!("h(x) = s sum_j a_j relu(<w_j, x>)"));
    map.insert("s".into(), json!(args.scale().factor::<f64>(trained.a.len())));
    map.insert("features".into(), json!(data.feature_names));
    map.insert("target".into(), json!(data.target_name));
    if let Some(transform) = &prepared.standardization {
        map.insert("standardization".into(), standardization_json(transform));
    }
    let rows: Vec<&[f64]> = trained.w.chunks_exact(data.d).collect();
    map.insert("a".into(), json!(trained.a));
    map.insert("w".into(), json!(rows));
    Value::Object(map)
}
