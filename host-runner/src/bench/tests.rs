use super::*;

#[test]
fn ids_are_frozen() {
    let fixture = Fixture::new(SIZES[1]);
    let ids: Vec<_> = cases(&fixture).unwrap().iter().map(|(case, _)| case.id()).collect();
    let expected = [
        "step/naive-f64/p32_n32_d32".to_string(),
        format!("step/dense/{}/p32_n32_d32", engine::lanes(FAST_F32)),
        format!("step/dense-fixed/{}/p32_n32_d32", engine::lanes(FAST_F32)),
        format!("step/dense/{}/p32_n32_d32", engine::lanes(Numerics::FAST)),
        "step/naive-gram-f64/p32_n32_d32".to_string(),
        format!("step/gram/{}/p32_n32_d32", engine::lanes(FAST_F32)),
    ];
    assert_eq!(ids, expected);
    let slugs = SIZES.map(|size| size.slug());
    let sizes = ["p60_n2_d2", "p32_n32_d32", "p39_n3000_d100", "p200_n75_d150", "p37_n1500_d2000"];
    assert_eq!(slugs, sizes);
}

/// The steps of the check move the loss by at least fifty times what they may err, and are stable.
#[test]
fn the_check_sees_the_update() {
    let moved = SIZES.map(|size| {
        let [first, .., last] = Fixture::new(size).expected;
        case::apart(last.0, first.0)
    });
    assert!(moved.iter().all(|moved| (0.001..0.9).contains(moved)), "{moved:?}");
}

#[test]
fn a_case_that_computes_wrong_fails_its_check() {
    let fixture = Fixture::new(SIZES[0]);
    let mut shifted = fixture.clone();
    shifted.data.y[1] *= 1.001;
    let said = case::trained(&shifted, Kind::Dense, FAST_F32)
        .unwrap()
        .check(&fixture.expected)
        .unwrap_err();
    assert!(said.contains("step/dense/") && said.contains("computes wrong"), "{said}");
    let mut broken = case::trained(&fixture, Kind::Dense, FAST_F32).unwrap();
    broken.run = Box::new(|_, _| (f64::NAN, f64::NAN));
    assert!(broken.check(&fixture.expected).is_err());
}

/// What `naive_gram` and `naive_orthogonal` need without n^2 d work is what it would give.
#[test]
fn the_shortcuts_of_an_orthogonal_fixture_are_exact() {
    let size = Size { letter: 'E', p: 3, n: 5, d: 8, orthogonal: true, dt: 1.0 };
    let fixture = Fixture::new(size);
    assert_eq!(fixture.gram(), oracle::gram(&fixture.data));
    for case in cases(&fixture).unwrap() {
        assert!(case.1 < case::tolerance(case.0.single));
    }
}

/// Signs alone tell the fixtures apart, and each has the share of live pairs that its name says.
#[test]
fn alive_is_what_the_name_says() {
    let size = Size { letter: 'E', p: 37, n: 400, d: 420, orthogonal: true, dt: 1.0 };
    let fixture = Fixture::new(size);
    for (alive, share) in [
        (Alive::Random, 0.5),
        (Alive::All, 1.0),
        (Alive::Half, 0.5),
        (Alive::Quarter, 0.25),
        (Alive::QuarterOfNeurons, 0.25),
    ] {
        let other = fixture.with_alive(alive);
        let u = oracle::pre_activations(&other.net, &other.data);
        let found = u.iter().filter(|&&u| u > 0.0).count() as f64 / u.len() as f64;
        assert!((found - share).abs() < 0.03, "{alive:?}: {found}");
        assert!(other.net.w.iter().zip(&fixture.net.w).all(|(x, y)| x.abs() == y.abs()));
        if alive == Alive::Random {
            assert_eq!(other.net.w, fixture.net.w);
            let apart = case::apart(other.expected[2].0, fixture.expected[2].0);
            assert!(apart < 1e-12, "the two references agree");
        }
    }
}

#[test]
fn the_document_has_what_scripts_read() {
    let fixture = Fixture::new(SIZES[0]);
    let mut case = case::trained(&fixture, Kind::Dense, FAST_F32).unwrap();
    let timing = measure(std::slice::from_mut(&mut case), 3).remove(0);
    let row = row(&case, &timing, 0.0, 1e6, 1e6);
    for key in ["ns_per_step", "ns_min", "ns_max", "gflops", "share_of_peak", "ratio_to_naive"] {
        assert!(row[key].as_f64().is_some_and(|x| x > 0.0), "{key}: {row}");
    }
    assert_eq!((&row["p"], &row["n"], &row["d"]), (&json!(60), &json!(2), &json!(2)));
}

#[test]
fn rounding_keeps_four_digits() {
    assert_eq!(rounded(123_456.0), 123_500.0);
    assert_eq!(rounded(0.000_123_44), 0.000_123_4);
    assert!(rounded(f64::NAN).is_nan());
}

#[test]
fn threads_share_a_network_that_the_reference_agrees_with() {
    let size = Size { letter: 'T', p: 8, n: 3000, d: 10, orthogonal: false, dt: 1.0 };
    let rows = threads::rows_of(size, 2).unwrap();
    let ids: Vec<_> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
    let id = |threads| format!("step/threads-{threads}/{}/p8_n3000_d10", engine::lanes(FAST_F32));
    assert_eq!(ids, [id(1), id(2)]);
    assert_eq!(rows[0]["speedup_over_one_thread"], 1.0);
    for key in ["ns_per_step", "ns_min", "gflops", "speedup_over_one_thread", "check_error"] {
        assert!(rows[1][key].as_f64().is_some_and(|x| x > 0.0), "{key}: {}", rows[1]);
    }
}
