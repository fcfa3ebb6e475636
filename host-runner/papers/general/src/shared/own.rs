//! The user's own data and start.
use super::samples::Samples;
use data::dataset::{self, InputError};
use lab::failure::Failure;
use reluflow::deep::{Layer, parameters};

/// A table whose last `targets` columns are y.
pub fn samples(path: &str, targets: usize) -> Result<Samples, Failure> {
    let table = dataset::load_matrix(path).map_err(refused)?;
    let Some(inputs) = table.columns.checked_sub(targets).filter(|&inputs| inputs > 0) else {
        return Err(Failure::bad_input(format!(
            "--set targets={targets}: {path} has {} columns, expected more than {targets}, inputs and then \
             targets",
            table.columns
        )));
    };
    let (mut x, mut y) = (Vec::new(), Vec::new());
    for row in table.values.chunks_exact(table.columns) {
        let (input, target) = row.split_at(inputs);
        x.extend_from_slice(input);
        y.extend_from_slice(target);
    }
    Ok(Samples { x, y, n: table.rows, ends: (inputs, targets), graph: None })
}

/// Parameters in the order of a network's.
pub fn theta(path: &str, layers: &[Layer]) -> Result<Vec<f64>, Failure> {
    let theta = dataset::load_list(path).map_err(refused)?;
    let expected = parameters(layers);
    if theta.len() == expected {
        return Ok(theta);
    }
    let words: Vec<String> = layers
        .iter()
        .map(|layer| {
            format!("{} x {} weights and {} b", layer.outputs, layer.inputs, layer.outputs)
        })
        .collect();
    Err(Failure::bad_input(format!(
        "--set theta={path}: found {} numbers, expected {expected}: {}; check `hidden`, and `targets` for \
         the data",
        theta.len(),
        words.join(", then ")
    )))
}

fn refused(error: InputError) -> Failure {
    Failure::bad_input(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use reluflow::deep::Activation;
    use std::fs;

    #[test]
    fn a_table_is_split_before_its_last_columns() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("own.csv");
        fs::write(&path, "a,b,c,d\n1,2,3,4\n5,6,7,7\n").unwrap();
        let path = path.to_str().unwrap();
        let found = samples(path, 2).unwrap();
        assert_eq!((found.x, found.y), (vec![1.0, 2.0, 5.0, 6.0], vec![3.0, 4.0, 7.0, 7.0]));
        assert_eq!((found.n, found.ends), (2, (2, 2)));
        let said = samples(path, 4).unwrap_err().to_string();
        assert!(said.contains("has 4 columns, expected more than 4"), "{said}");
        assert!(samples("missing.csv", 1).unwrap_err().to_string().contains("no such file"));
    }

    #[test]
    fn a_start_has_as_many_numbers_as_parameters() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("theta.csv");
        let layers = [Layer::dense(2, 1, Activation::Identity)];
        fs::write(&path, "1\n2\n3\n").unwrap();
        let path = path.to_str().unwrap();
        assert_eq!(theta(path, &layers).unwrap(), [1.0, 2.0, 3.0]);
        let layers = [Layer::dense(2, 2, Activation::Identity)];
        let said = theta(path, &layers).unwrap_err().to_string();
        assert!(said.contains("found 3 numbers, expected 6: 2 x 2 weights and 2 b;"), "{said}");
    }
}
