//! Lists of numbers and tables without a target.
use super::*;

fn list_of(name: &str, bytes: impl AsRef<[u8]>) -> Result<Vec<f64>, InputError> {
    let dir = TempDir::new().unwrap();
    load_list(write(&dir, name, bytes))
}

#[test]
fn a_list_has_one_column_one_row_or_one_dimension() {
    for text in ["1.5\n-2\n3\n", "theta\n1.5\n-2\n3\n", "1.5,-2,3\n", "# start\n1.5;-2;3"] {
        assert_eq!(list_of("t.csv", text).unwrap(), [1.5, -2.0, 3.0], "{text}");
    }
    assert_eq!(list_of("t.csv", "7\n").unwrap(), [7.0]);
    for shape in ["(3,)", "(3, 1)", "(1, 3)"] {
        let array = npy("<f8", "False", shape, &le_bytes(&[1.5, -2.0, 3.0]));
        assert_eq!(list_of("t.npy", array).unwrap(), [1.5, -2.0, 3.0], "{shape}");
    }
}

#[test]
fn what_is_not_a_list_is_refused() {
    let refusal = |name: &str, bytes: &[u8]| message(list_of(name, bytes).unwrap_err());
    assert_says(&refusal("t.csv", b"1,2\n3,4\n"), "t.csv: found a table of 2 rows", &["below"]);
    assert_says(&refusal("t.csv", b"1\nx\n"), "t.csv:2: found the text \"x\"", &[]);
    assert_says(&refusal("t.csv", b""), "t.csv: found no rows", &[]);
    let cube = npy("<f8", "False", "(1, 1, 1)", &le_bytes(&[1.0]));
    assert_says(&refusal("t.npy", &cube), "t.npy: found an array of shape (1, 1, 1)", &[]);
    let short = npy("<f8", "False", "(3,)", &le_bytes(&[1.0]));
    assert_says(&refusal("t.npy", &short), "t.npy: found 8 bytes", &["expected 24"]);
}

#[test]
fn a_matrix_keeps_every_column_and_may_be_constant() {
    let dir = TempDir::new().unwrap();
    let path = write(&dir, "t.csv", "a,b,c\n1,2,3\n4,5,3\n");
    let values = vec![1.0, 2.0, 3.0, 4.0, 5.0, 3.0];
    assert_eq!(load_matrix(&path).unwrap(), Matrix { rows: 2, columns: 3, values });
    let path = write(&dir, "t.csv", "1\n2\n");
    assert!(load_matrix(path).unwrap_err().to_string().contains("at least two"));
}
