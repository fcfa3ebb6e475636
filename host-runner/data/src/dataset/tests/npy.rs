//! `.npy` files: types, orders, headers that lie.
use super::*;

#[test]
fn npy_types_and_orders() {
    let f4: Vec<u8> = [1f32, 2.0, 3.0, 4.0].iter().flat_map(|v| v.to_be_bytes()).collect();
    let i2: Vec<u8> = [1i16, 2, 3, 4].iter().flat_map(|v| v.to_le_bytes()).collect();
    for (descr, body) in [
        ("<f8", le_bytes(&[1.0, 2.0, 3.0, 4.0])),
        (">f4", f4),
        ("<i2", i2),
        ("|u1", vec![1, 2, 3, 4]),
    ] {
        let data = load_as("t.npy", npy(descr, "False", "(2, 2)", &body), None).unwrap();
        assert_eq!((data.x, data.y), (vec![1.0, 3.0], vec![2.0, 4.0]), "{descr}");
        let data = load_as("t.npy", npy(descr, "True", "(2L, 2L,)", &body), None).unwrap();
        assert_eq!((data.x, data.y), (vec![1.0, 2.0], vec![3.0, 4.0]), "{descr}");
    }
    let signed = npy("|i1", "False", "(2, 2)", &[0xff, 0x80, 0x7f, 0]);
    let data = load_as("t.npy", signed, Some("0")).unwrap();
    assert_eq!((data.y, data.x), (vec![-1.0, 127.0], vec![-128.0, 0.0]));
    let body: Vec<u8> = [i64::MIN, -1, 5, 6].iter().flat_map(|v| v.to_be_bytes()).collect();
    let data = load_as("t.npy", npy(">i8", "False", "(2, 2)", &body), None).unwrap();
    assert_eq!((data.x, data.y), (vec![-(2f64.powi(63)), 5.0], vec![-1.0, 6.0]));
    // Version 2 has a four-byte header length.
    let old = npy("|u1", "False", "(2, 2)", &[1, 2, 3, 4]);
    let mut new = b"\x93NUMPY\x02\x00".to_vec();
    new.extend(((old.len() - 14) as u32).to_le_bytes());
    new.extend(&old[10..]);
    assert_eq!(load_as("t.npy", new, None).unwrap().y, [2.0, 4.0]);
}

#[test]
fn npy_refusals() {
    let refusal = |bytes: Vec<u8>| message(load_as("t.npy", bytes, None).unwrap_err());
    let values = le_bytes(&[1.0, 2.0, 3.0, f64::NAN, 5.0, 6.0]);
    let full = |descr: &str, shape: &str| npy(descr, "False", shape, &values);

    let text = refusal(full("<f8", "(3, 2)"));
    assert_says(&text, "t.npy: row 1, column 1: found NaN", &["finite"]);
    let text = refusal(npy("<f8", "True", "(3, 2)", &values));
    assert_says(&text, "t.npy: row 0, column 1: found NaN", &[]);
    assert_says(
        &refusal(full("<f8", "(6,)")),
        "t.npy: found an array of shape (6,)",
        &["column_stack"],
    );
    assert_says(&refusal(full("<f8", "()")), "t.npy: found an array of shape ()", &[]);
    let text = refusal(full("<f8", "(3, 2, 1)"));
    assert_says(&text, "t.npy: found an array of shape (3, 2, 1)", &["two dimensions", "reshape"]);
    for descr in ["<c16", "|b1", "<U8", "|O", "<f2", "<i3", ""] {
        let text = refusal(full(descr, "(3, 2)"));
        assert_says(&text, &format!("t.npy: found the element type {descr:?}"), &["astype"]);
    }
    assert_says(&refusal(full("<f8", "(6, 1)")), "t.npy: found 1 columns", &["at least two"]);
    assert_says(&refusal(npy("<f8", "False", "(0, 2)", &[])), "t.npy: found no rows", &[]);
    assert_says(&refusal(Vec::new()), "t.npy: found no rows", &[]);
    let text = refusal(full("<f8", "(4, 2)"));
    assert_says(&text, "t.npy: found 48 bytes of numbers, expected 64", &["cut short"]);
    let text = refusal(full("<f8", "(4294967296, 4294967296)"));
    assert_says(&text, "t.npy: found 48 bytes of numbers", &[]);
    let text = refusal(npy("<f8", "False", "(1, 2)", &le_bytes(&[1.0, 2.0])));
    assert_says(&text, "t.npy: found one row", &[]);
    let text = refusal(npy("<f8", "False", "(2, 2)", &le_bytes(&[1.0, 2.0, 3.0, 2.0])));
    assert_says(&text, "t.npy: found the target \"column1\" equal to 2", &[]);
    assert_says(&refusal(b"1,2\n3,4\n".to_vec()), "t.npy: found no \\x93NUMPY", &["numpy.save"]);
    for cut in 7..full("<f8", "(3, 2)").len() - values.len() {
        let text = refusal(full("<f8", "(3, 2)")[..cut].to_vec());
        assert_says(&text, "t.npy: found a", &["numpy.save"]);
    }
    assert_says(&refusal(full("<f8", "(-1, 2)")), "t.npy: found a 'shape' that", &[]);
}

#[test]
fn a_written_array_is_read_back() {
    let values: Vec<f64> = (0..600).map(|i| f64::from(i) / 7.0).collect();
    let narrow: Vec<f32> = values.iter().map(|&v| v as f32).collect();
    let data = load_as("w.npy", npy_bytes(&[200, 3], &values), None).unwrap();
    assert_eq!((data.n, data.d, data.y[1]), (200, 2, 5.0 / 7.0));
    let data = load_as("w.npy", npy_bytes(&[200, 3], &narrow), None).unwrap();
    assert_eq!(data.y[1], f64::from(5.0f32 / 7.0));
    let vector = npy_bytes(&[600], &values);
    assert_eq!(vector.len() - 600 * 8, 128);
    assert!(String::from_utf8_lossy(&vector[..128]).contains("'shape': (600,), }"));
    let said = load_as("a.npy", vector, None).unwrap_err().to_string();
    assert!(said.contains("(600,)"), "{said}");
}
