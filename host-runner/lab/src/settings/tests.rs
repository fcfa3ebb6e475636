use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Loss {
    Mean,
    HalfMean,
}

impl Word for Loss {
    const WORDS: &'static [(&'static str, Self)] =
        &[("mean", Self::Mean), ("half-mean", Self::HalfMean)];
}

const M: Key<usize> = Key::count("m", 60, "number of neurons").quick(6).extended(600);
const DT: Key<f64> = Key::number("dt", 1e-3, "Euler step in flow time").positive();
const LOSS: Key<Loss> =
    Key::choice("loss", Loss::Mean, "loss that is differentiated").quick(Loss::HalfMean);
const BIAS: Key<bool> = Key::flag("bias", false, "switch that adds a constant coordinate");
const WIDTH: Key<&str> =
    Key::text("width", "50, 100", "whole numbers, e.g. 50, 100", "width of each network")
        .quick("5");
const KEYS: Keys = &[&M, &DT, &LOSS, &BIAS, &WIDTH];

fn entries() -> impl Iterator<Item = Entry> {
    KEYS.iter().map(|key| key.entry())
}

fn get<T: Value>(settings: &Settings, key: Key<T>) -> Option<T> {
    settings.find(key).map(|(_, value)| value)
}

fn said(assignment: &str) -> String {
    let (key, value) = split_assignment(assignment).unwrap();
    let mut settings = Settings::preset(entries(), Preset::Paper);
    settings.set(&format!("--set {assignment}"), key, value).unwrap_err().to_string()
}

#[test]
fn messages_say_what_is_wrong_and_what_is_right() {
    assert_eq!(
        said("m=abc"),
        "--set m=abc: 'abc' is not a whole number; m is the number of neurons, default 60"
    );
    assert!(said("m=0").contains("at least 1"), "{}", said("m=0"));
    assert!(said("m=-3").contains("not a whole number"));
    assert!(said("dt=nan").contains("not finite"));
    assert!(said("dt=0").contains("above 0"));
    assert!(said("loss=mea").contains("one of mean, half-mean"));
    assert!(said("bias=1").contains("true or false"));
    assert_eq!(
        said("width=a\u{7}"),
        "--set width=a\u{7}: 'a\u{7}' is not one line; width is the width of each network, default \
         50, 100"
    );
    assert!(WIDTH.entry().parse(" ").unwrap_err().contains("is not whole numbers"));
    assert!(said("los=mean").contains("did you mean 'loss'"));
    assert!(said("zzz=1").contains("choose one of m, dt, loss, bias, width"));
    assert!(said("seed=1").contains("--seed"));
}

#[test]
fn a_key_is_read_as_its_type_under_each_preset_and_as_set() {
    let of = |preset| {
        let settings = Settings::preset(entries(), preset);
        (
            get(&settings, M).unwrap(),
            get(&settings, DT).unwrap(),
            get(&settings, LOSS).unwrap(),
            get(&settings, BIAS).unwrap(),
            get(&settings, WIDTH).unwrap(),
        )
    };
    assert_eq!(of(Preset::Quick), (6, 1e-3, Loss::HalfMean, false, "5"));
    assert_eq!(of(Preset::Paper), (60, 1e-3, Loss::Mean, false, "50, 100"));
    assert_eq!(of(Preset::Extended), (600, 1e-3, Loss::Mean, false, "50, 100"));
    let mut settings = Settings::preset(entries(), Preset::Quick);
    for text in ["m=7", "dt=0.5", "loss=mean", "bias=true", "width=8"] {
        let (name, value) = split_assignment(text).unwrap();
        settings.set("--set", name, value).unwrap();
    }
    assert_eq!(get(&settings, M), Some(7));
    assert_eq!(get(&settings, DT), Some(0.5));
    assert_eq!(get(&settings, LOSS), Some(Loss::Mean));
    assert_eq!(get(&settings, BIAS), Some(true));
    assert_eq!(get(&settings, WIDTH), Some("8"));
}

#[test]
fn a_key_of_another_name_or_type_is_not_found() {
    let settings = Settings::preset(entries(), Preset::Paper);
    assert_eq!(get(&settings, Key::count("n", 3, "number of samples")), None);
    assert_eq!(get(&settings, Key::number("m", 3.0, "number of neurons")), None);
}

#[test]
fn a_key_may_differ_from_a_shared_one_in_its_default_and_its_words() {
    let own = M.usually(9).about("number of sines").entry();
    assert_eq!(own.explained(), "m is the number of sines, default 9");
    assert_eq!((own.quick, own.accepts()), (M.entry().quick, M.entry().accepts()));
    assert_eq!((M.under(Preset::Quick), M.usually(9).under(Preset::Paper)), (6, 9));
}

#[test]
fn a_text_is_kept_once() {
    let parse = |text: &str| match WIDTH.entry().parse(text) {
        Ok(Setting::Text(text)) => text.as_ptr(),
        other => panic!("{other:?}"),
    };
    assert_eq!(parse("a = \"b\""), parse(" a = \"b\" "));
    assert_ne!(parse("a"), parse("b"));
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in ".*") {
        if let Ok((key, value)) = split_assignment(&text) {
            prop_assert!(!key.is_empty() && !value.is_empty());
            let _ = Settings::preset(entries(), Preset::Paper).set("--set", key, value);
        }
        for key in entries() {
            let _ = key.parse(&text);
        }
    }

    #[test]
    fn counts_survive_print_and_parse(n in 1..=i64::MAX as u64) {
        prop_assert_eq!(M.entry().parse(&Setting::Count(n).to_string()), Ok(Setting::Count(n)));
    }

    #[test]
    fn numbers_survive_print_and_parse(bits in any::<u64>()) {
        let x = f64::from_bits(bits);
        let parsed = DT.entry().parse(&Setting::Number(x).to_string());
        if x.is_normal() && x > 0.0 {
            prop_assert_eq!(parsed, Ok(Setting::Number(x)));
        } else {
            prop_assert!(parsed.is_err());
        }
    }

    #[test]
    fn texts_survive_print_parse_and_toml(text in "\\PC{1,40}") {
        let Ok(setting) = WIDTH.entry().parse(&text) else {
            prop_assert!(text.trim().is_empty());
            return Ok(());
        };
        prop_assert_eq!(setting.to_string(), text.trim());
        prop_assert_eq!(WIDTH.entry().parse(&setting.to_string()), Ok(setting));
        let toml = toml::to_string(&BTreeMap::from([("width", setting)])).unwrap();
        let back: BTreeMap<String, String> = toml::from_str(&toml).unwrap();
        prop_assert_eq!(WIDTH.entry().parse(&back["width"]), Ok(setting));
    }

    #[test]
    fn an_assignment_splits_at_its_first_equals_sign(
        key in "[a-z]{1,8}", value in "[a-z0-9=.]{1,8}",
    ) {
        let text = format!("{key} = {value}");
        let split = split_assignment(&text).map_err(|e| TestCaseError::fail(e.to_string()))?;
        prop_assert_eq!(split, (key.as_str(), value.as_str()));
    }
}
