//! Whatever the bytes: no panic, exact numbers, exact lines.
use proptest::prelude::*;

use super::*;
use crate::dataset::read::{Format, parse};

/// Numbers of every magnitude, printed so that they read back exactly.
fn table() -> impl Strategy<Value = (usize, Vec<f64>)> {
    let finite = prop::num::f64::NORMAL | prop::num::f64::ZERO | prop::num::f64::SUBNORMAL;
    (2..6usize, 2..8usize)
        .prop_flat_map(move |(m, n)| (Just(m), prop::collection::vec(finite, m * n)))
}

proptest! {
    #[test]
    fn any_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(Path::new("t.csv"), Format::Text, &bytes, 2);
        let _ = parse(Path::new("t.npy"), Format::Npy, &bytes, 2);
        let _ = parse(Path::new("t.npy"), Format::Npy, &npy("<f8", "False", "(2, 2)", &bytes), 2);
        let mut header = b"\x93NUMPY\x01\x00\x40\x00{'descr': '".to_vec();
        header.extend(&bytes);
        let _ = parse(Path::new("t.npy"), Format::Npy, &header, 2);
    }

    /// Denser in rows and cells than arbitrary bytes are.
    #[test]
    fn any_table_like_text_never_panics(text in "[0-9a,;\t\"#\r\n .eN\u{feff}é-]{0,80}") {
        if let Ok(table) = parse(Path::new("t.csv"), Format::Text, text.as_bytes(), 2) {
            prop_assert!(table.rows > 0 && table.columns > 1);
            prop_assert_eq!(table.values.len(), table.rows * table.columns);
            prop_assert_eq!(table.names.len(), table.columns);
        }
    }

    #[test]
    fn any_shape_never_panics(rows: u64, columns: u64, size in "[fiu][1248]") {
        let shape = format!("({rows}, {columns})");
        let bytes = npy(&format!("<{size}"), "True", &shape, &[0; 64]);
        let _ = parse(Path::new("t.npy"), Format::Npy, &bytes, 2);
    }

    #[test]
    fn written_tables_read_back_exactly(
        (columns, values) in table(),
        separator in prop::sample::select(vec![",", ";", "\t"]),
        ending in prop::sample::select(vec!["\n", "\r\n", "\r", "\n\n", "\n# note\n"]),
        header: bool,
    ) {
        let mut lines = Vec::new();
        if header {
            let names: Vec<String> = (0..columns).map(|c| format!("name {c}")).collect();
            lines.push(names.join(separator));
        }
        for row in values.chunks(columns) {
            let cells: Vec<String> = row.iter().map(|v| format!("{v:?}")).collect();
            lines.push(cells.join(separator));
        }
        let table = parse(Path::new("t.csv"), Format::Text, lines.join(ending).as_bytes(), 2).unwrap();
        prop_assert_eq!(table.columns, columns);
        prop_assert_eq!(table.has_header, header);
        prop_assert!(table.values.iter().zip(&values).all(|(a, b)| a.to_bits() == b.to_bits()));
        prop_assert_eq!(table.values.len(), values.len());

        let rows = values.len() / columns;
        let file = npy("<f8", "False", &format!("({rows}, {columns})"), &le_bytes(&values));
        let table = parse(Path::new("t.npy"), Format::Npy, &file, 2).unwrap();
        prop_assert!(table.values.iter().zip(&values).all(|(a, b)| a.to_bits() == b.to_bits()));
    }

    /// A bad cell is reported on its own line, whatever was skipped before it.
    #[test]
    fn line_numbers_are_exact(skipped in prop::collection::vec(0..4usize, 1..12)) {
        let mut text = String::from("a,b\n");
        for kind in &skipped {
            text.push_str(["1,2\n", "\n", "# note\n", " \r\n"][*kind]);
        }
        text.push_str("x,3\n");
        let line = skipped.len() + 2;
        let error = parse(Path::new("t.csv"), Format::Text, text.as_bytes(), 2).err().unwrap();
        let start = format!("t.csv:{line}: found the text");
        prop_assert!(error.to_string().starts_with(&start));
    }
}
