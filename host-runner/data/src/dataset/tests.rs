//! Text tables, and what all files share.
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::*;

mod matrix;
mod npy;
mod random;

fn write(dir: &TempDir, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = dir.path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

/// Loads `bytes` under `name`.
fn load_as(
    name: &str,
    bytes: impl AsRef<[u8]>,
    target: Option<&str>,
) -> Result<Dataset, InputError> {
    let dir = TempDir::new().unwrap();
    load(write(&dir, name, bytes), target)
}

/// The message for a refused file `t.csv`, from the file name on.
#[track_caller]
fn refusal(bytes: impl AsRef<[u8]>, target: Option<&str>) -> String {
    message(load_as("t.csv", bytes, target).unwrap_err())
}

fn message(error: InputError) -> String {
    let text = error.to_string();
    text[text.find("t.").unwrap()..].to_owned()
}

#[track_caller]
fn assert_says(message: &str, start: &str, parts: &[&str]) {
    assert!(message.starts_with(start), "{message}");
    for part in parts {
        assert!(message.contains(part), "{part:?} not in {message}");
    }
}

/// Version 1 `.npy` file.
fn npy(descr: &str, fortran: &str, shape: &str, body: &[u8]) -> Vec<u8> {
    let header =
        format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(body);
    bytes
}

fn le_bytes(values: &[f64]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

#[test]
fn wine() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/wine.csv");
    let data = load(&path, None).unwrap();
    assert_eq!((data.n, data.d, data.target_name.as_str()), (178, 12, "alcohol"));
    assert_eq!(data.feature_names[0], "malic_acid");
    assert_eq!(data.x[..3], [1.71, 2.43, 15.6]);
    assert_eq!((data.y[0], data.x.len(), data.y.len()), (14.23, 178 * 12, 178));
    assert_eq!(data.source, path);
}

#[test]
fn target_by_name_index_or_last() {
    let text = "a,b,c\n1,2,3\n4,5,6\n";
    let last = load_as("t.csv", text, None).unwrap();
    assert_eq!((last.target_index, last.y, last.x), (2, vec![3.0, 6.0], vec![1.0, 2.0, 4.0, 5.0]));
    for target in ["b", " b ", "1"] {
        let data = load_as("t.csv", text, Some(target)).unwrap();
        assert_eq!((data.y, data.x), (vec![2.0, 5.0], vec![1.0, 3.0, 4.0, 6.0]));
        assert_eq!(
            (data.target_name, data.feature_names),
            ("b".into(), vec!["a".into(), "c".into()])
        );
    }
    // A header of numbers and one word: "0" is the name of column 2, not column 0.
    let years = load_as("t.csv", "x,1,0\n1,2,3\n4,5,6\n", Some("0")).unwrap();
    assert_eq!(years.y, [3.0, 6.0]);
}

#[test]
fn dialects() {
    let expected = load_as("t.csv", "1,2\n3,4\n", None).unwrap();
    assert_eq!(expected.feature_names, ["column0"]);
    for text in [
        "1;2\n3;4",
        "1\t2\r\n3\t4\r\n",
        "1,2\r3,4\r",
        "\u{feff}1,2\n3,4\n",
        "# made by hand\n\n1 , 2\n   \n  # half way\n3,4\n\n",
        "\"1\",\"2\"\n+3e0,4.\n",
    ] {
        let data = load_as("t.csv", text, None).unwrap();
        assert_eq!((&data.x, &data.y), (&expected.x, &expected.y), "{text:?}");
    }
    let named = load_as("t.TSV", "\u{feff}\"a\tb; c\"\ty\n1\t2\n3\t4\n", None).unwrap();
    assert_eq!(named.feature_names, ["a\tb; c"]);
    let unnamed = load_as("t.txt", ",a,\n0,1,2\n1,3,4\n", None).unwrap();
    assert_eq!(unnamed.feature_names, ["column0", "a"]);
    assert_eq!(unnamed.target_name, "column2");
}

#[test]
fn refuses_what_is_not_a_file() {
    let dir = TempDir::new().unwrap();
    let missing = message(load(dir.path().join("t.csv"), None).unwrap_err());
    assert_says(&missing, "t.csv: no such file", &["check the spelling"]);
    fs::create_dir(dir.path().join("t.d")).unwrap();
    let directory = message(load(dir.path().join("t.d"), None).unwrap_err());
    assert_says(&directory, "t.d: is a directory", &["name a .csv or .npy file"]);
}

#[cfg(target_os = "linux")]
#[test]
fn refuses_what_cannot_be_read() {
    // The first page of a process is never mapped, so reading its memory from 0 fails, even for
    // root, whom file permissions do not stop.
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("t.csv");
    std::os::unix::fs::symlink("/proc/self/mem", &path).unwrap();
    let text = message(load(path, None).unwrap_err());
    assert_says(&text, "t.csv: cannot be read (", &["expected a readable file", "permissions"]);
}

#[test]
fn refuses_unknown_extensions() {
    for (name, found) in [("t.xlsx", "\"xlsx\""), ("t.", "\"\""), ("t.npz", "\"npz\"")] {
        let text = message(load_as(name, "1,2\n3,4\n", None).unwrap_err());
        assert_says(&text, name, &[found, ".csv, .tsv, .txt or .npy"]);
    }
}

#[test]
fn refuses_files_without_rows() {
    for text in ["", "\n \n", "# nothing\n", "\u{feff}"] {
        assert_says(&refusal(text, None), "t.csv: found no rows", &["check that the export"]);
    }
    let text = refusal("# columns\n\na,b,c\n\n", None);
    assert_says(
        &text,
        "t.csv:3: found a header of 3 columns",
        &["nothing after it", "add the data"],
    );
    assert_says(&refusal("a,b\n\n1,2\n", None), "t.csv:3: found one row", &["at least two"]);
    assert_says(&refusal("1,2\n", None), "t.csv:1: found one row", &[]);
}

#[test]
fn refuses_one_column() {
    for text in ["y\n1\n2\n", "1\n2\n", "a|b\n1|2\n", "1 2\n3 4\n"] {
        let text = refusal(text, None);
        assert_says(
            &text,
            "t.csv:1: found 1 columns",
            &["at least two", "comma, a semicolon or a tab"],
        );
    }
}

#[test]
fn refuses_ragged_rows() {
    let text = refusal("# c\na,b,c\n1,2,3\n\n4,5\n", None);
    assert_says(&text, "t.csv:5: found 2 columns, expected 3 as in line 2", &["add the missing"]);
    let text = refusal("1,2\n3,4,5\n", None);
    assert_says(&text, "t.csv:2: found 3 columns, expected 2 as in line 1", &["extra separators"]);
}

#[test]
fn refuses_text() {
    let text = refusal("a,b\n1,2\n# note\nred,3\n", None);
    assert_says(&text, "t.csv:4: found the text \"red\" in column \"a\"", &["encode categories"]);
    let text = refusal("a;b\n1,5;2\n", None);
    assert_says(&text, "t.csv:2: found the text \"1,5\"", &["1.5 not 1,5"]);
    let text = refusal("a,b\n1,N/A\n", None);
    assert_says(&text, "t.csv:2: found the text \"N/A\" in column \"b\"", &["missing value"]);
    let text = refusal("a,b\n1,2\na,b\n3,4\n", None);
    assert_says(&text, "t.csv:3: found the text \"a\"", &["header seems to be repeated"]);
    let text = refusal("\n\"a\nname\",b\n\n1,2\nred,3\n", None);
    assert_says(&text, "t.csv:6: found the text \"red\" in column \"a\\nname\"", &[]);
    let text = refusal(format!("1,2\n3,{}\n", "x\u{1b}é".repeat(1000)), None);
    assert_says(&text, "t.csv:2: found the text \"x\\u{1b}é", &["in column \"column1\""]);
    assert!(text.len() < 500 && !text.contains('\u{1b}'));
}

#[test]
fn refuses_empty_cells() {
    let text = refusal("a,b\n1,2\n,3\n", None);
    assert_says(&text, "t.csv:3: found an empty cell in column \"a\"", &["delete the row"]);
    assert_says(&refusal("1,,3\n4,5,6\n", None), "t.csv:1: found an empty cell", &["column1"]);
}

#[test]
fn refuses_what_is_not_finite() {
    for cell in ["NaN", "inf", "-Infinity", "1e999"] {
        let text = refusal(format!("{cell},2\n3,4\n"), None);
        assert_says(&text, &format!("t.csv:1: found {cell} in column \"column0\""), &["finite"]);
        let text = refusal(format!("a,b\n1,2\n3,{cell}\n"), None);
        assert_says(&text, &format!("t.csv:3: found {cell} in column \"b\""), &["replace"]);
    }
}

#[test]
fn refuses_a_constant_target() {
    let text = refusal("a,b\n1,2\n2,2\n3,2.0\n", None);
    assert_says(
        &text,
        "t.csv:2: found the target \"b\" equal to 2 in all 3 rows",
        &["two different values", "another target"],
    );
    assert!(load_as("t.csv", "a,b\n1,2\n2,2\n", Some("a")).is_ok());
}

#[test]
fn refuses_unknown_targets() {
    let text = "# c\nalcohol,hue,ash\n1,2,3\n4,5,6\n";
    let unknown = refusal(text, Some("alchol"));
    assert_says(
        &unknown,
        "t.csv:2: found no column \"alchol\"",
        &["\"alcohol\", \"hue\", \"ash\"", "did you mean \"alcohol\"?"],
    );
    assert_says(&refusal(text, Some("HUE")), "t.csv:2", &["did you mean \"hue\"?"]);
    for index in ["3", "99999999999999999999999"] {
        let text = refusal(text, Some(index));
        let start = format!("t.csv:2: found the target index {index}, expected 0 to 2");
        assert_says(&text, &start, &["counted from 0", "\"hue\""]);
    }
    for name in ["-1", "", "1.5"] {
        assert_says(&refusal(text, Some(name)), "t.csv:2: found no column", &[]);
    }
    let text = refusal("1,2\n3,4\n", Some("hue"));
    assert_says(&text, "t.csv:1: found no column \"hue\"", &["no header", "index"]);
    let many: Vec<String> = (0..30).map(|c| format!("c{c}")).collect();
    let text = refusal(format!("{}\n{}\n", many.join(","), ["1"; 30].join(",")), Some("d3"));
    assert_says(&text, "t.csv:1", &["\"c19\", and 10 more", "did you mean \"c3\"?"]);
}

#[test]
fn refuses_duplicate_names() {
    let text = refusal("\na,b, a\n1,2,3\n", None);
    assert_says(&text, "t.csv:2: found the name \"a\" for columns 0 and 2", &["rename one"]);
}

#[test]
fn refuses_other_encodings() {
    let text = refusal(b"a,b\n1,2\n3,\xe9\n", None);
    assert_says(&text, "t.csv:3: found byte 0xE9, which is not UTF-8", &["save the file"]);
    let text = refusal(b"\xff\xfea\0,\0b\0\n\0", None);
    assert_says(&text, "t.csv:1: found byte 0xFF", &["UTF-16"]);
}

#[test]
fn test_data_follow_the_training_columns() {
    let dir = TempDir::new().unwrap();
    let train = load(write(&dir, "train.csv", "a,y,b\n1,2,3\n4,5,6\n"), Some("y")).unwrap();
    // Other order, one row, constant target: all fine for a test.
    let test = load_test(write(&dir, "t.csv", "b,a,y\n30,10,20\n"), &train).unwrap();
    assert_eq!((test.x, test.y), (vec![10.0, 30.0], vec![20.0]));
    assert_eq!(test.feature_names, ["a", "b"]);
    let test = load_test(write(&dir, "t.csv", "10,20,30\n"), &train).unwrap();
    assert_eq!((test.x, test.y), (vec![10.0, 30.0], vec![20.0]));
    assert_eq!((test.feature_names, test.target_name), (train.feature_names.clone(), "y".into()));
    let values = le_bytes(&[10.0, 20.0, 30.0]);
    let test = load_test(write(&dir, "t.npy", npy("<f8", "False", "(1, 3)", &values)), &train);
    assert_eq!(test.unwrap().y, [20.0]);

    let text = message(load_test(write(&dir, "t.csv", "#\na,b\n1,2\n"), &train).unwrap_err());
    assert_says(
        &text,
        "t.csv:2: found 2 columns, expected 3 as in the training data",
        &["train.csv"],
    );
    let text = message(load_test(write(&dir, "t.csv", "a,y,c\n1,2,3\n"), &train).unwrap_err());
    assert_says(&text, "t.csv:1: found no column \"b\"", &["training data", "rename or add"]);
}
