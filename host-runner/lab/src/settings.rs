//! What can be set about an experiment: keys with types and bounds, and their checked values.
use crate::choices::Preset;
use crate::failure::{Failure, nearest};
use serde::{Serialize, Serializer};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// The value of one key.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Setting {
    /// A whole number.
    Count(u64),
    /// A finite number.
    Number(f64),
    /// One of a fixed list of words.
    Choice(&'static str),
    /// Yes or no.
    Flag(bool),
    /// One line: a list of numbers, the path of a file.
    Text(&'static str),
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(n) => write!(f, "{n}"),
            // Debug, because Display never uses an exponent: 1e-300 would fill four lines.
            Self::Number(x) => write!(f, "{x:?}"),
            Self::Choice(text) | Self::Text(text) => f.write_str(text),
            Self::Flag(on) => write!(f, "{on}"),
        }
    }
}

impl Serialize for Setting {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Count(n) => to.serialize_u64(*n),
            Self::Number(x) => to.serialize_f64(*x),
            Self::Choice(text) | Self::Text(text) => to.serialize_str(text),
            Self::Flag(on) => to.serialize_bool(*on),
        }
    }
}

/// The values a key takes.
#[derive(Debug, Clone, Copy)]
enum Range {
    Count(u64, u64),
    Number(f64, f64),
    Choice(&'static [&'static str]),
    Flag,
    Text(&'static str),
}

/// A key that `--set KEY=VALUE` accepts. Built in a `static`, e.g.
/// `Key::count("m", 60, "number of neurons").between(1, 1 << 20)`.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// As typed by the user; lower case, short.
    pub name: &'static str,
    /// One line, completing "`name` is the ...".
    pub doc: &'static str,
    /// Value under `--preset paper`, which is what runs when nothing is said.
    pub default: Setting,
    /// Value under `--preset quick`, where it differs.
    pub quick: Option<Setting>,
    /// Value under `--preset extended`, where it differs.
    pub extended: Option<Setting>,
    range: Range,
}

impl Key {
    /// A whole number of at least 1.
    pub const fn count(name: &'static str, default: u64, doc: &'static str) -> Self {
        let default = Setting::Count(default);
        // TOML has no integers beyond i64, and config.toml must hold every value.
        let range = Range::Count(1, i64::MAX as u64);
        Self { name, doc, default, quick: None, extended: None, range }
    }

    /// Any finite number.
    pub const fn number(name: &'static str, default: f64, doc: &'static str) -> Self {
        let range = Range::Number(f64::MIN, f64::MAX);
        Self { name, doc, default: Setting::Number(default), quick: None, extended: None, range }
    }

    /// One of `words`.
    pub const fn choice(
        name: &'static str,
        default: &'static str,
        words: &'static [&'static str],
        doc: &'static str,
    ) -> Self {
        let range = Range::Choice(words);
        Self { name, doc, default: Setting::Choice(default), quick: None, extended: None, range }
    }

    /// `true` or `false`.
    pub const fn flag(name: &'static str, default: bool, doc: &'static str) -> Self {
        Self {
            name,
            doc,
            default: Setting::Flag(default),
            quick: None,
            extended: None,
            range: Range::Flag,
        }
    }

    /// A line of text, which whoever uses it must check; `accepts` says what it should be, e.g. `the
    /// path of a file, or none`.
    pub const fn text(
        name: &'static str,
        default: &'static str,
        accepts: &'static str,
        doc: &'static str,
    ) -> Self {
        let range = Range::Text(accepts);
        Self { name, doc, default: Setting::Text(default), quick: None, extended: None, range }
    }

    /// Bounds of a count, both allowed.
    pub const fn between(mut self, least: u64, most: u64) -> Self {
        self.range = Range::Count(least, most);
        self
    }

    /// Bounds of a number, both allowed.
    pub const fn within(mut self, least: f64, most: f64) -> Self {
        self.range = Range::Number(least, most);
        self
    }

    /// A number above zero.
    pub const fn positive(self) -> Self {
        self.within(f64::MIN_POSITIVE, f64::MAX)
    }

    /// Another default than the key's own.
    pub const fn usually(mut self, value: Setting) -> Self {
        self.default = value;
        self
    }

    /// The value under `--preset quick`.
    pub const fn quick(mut self, value: Setting) -> Self {
        self.quick = Some(value);
        self
    }

    /// The value under `--preset extended`.
    pub const fn extended(mut self, value: Setting) -> Self {
        self.extended = Some(value);
        self
    }

    /// The value under a preset.
    pub fn under(&self, preset: Preset) -> Setting {
        let own = match preset {
            Preset::Quick => self.quick,
            Preset::Paper => None,
            Preset::Extended => self.extended,
        };
        own.unwrap_or(self.default)
    }

    /// What the key takes, for messages and `list --json`.
    pub fn accepts(&self) -> String {
        match self.range {
            Range::Count(least, most) if most >= i64::MAX as u64 => {
                format!("a whole number of at least {least}")
            }
            Range::Count(least, most) => format!("a whole number from {least} to {most}"),
            Range::Number(f64::MIN, f64::MAX) => "a number".into(),
            Range::Number(f64::MIN_POSITIVE, f64::MAX) => "a number above 0".into(),
            Range::Number(least, f64::MAX) => format!("a number of at least {least:?}"),
            Range::Number(least, most) => format!("a number from {least:?} to {most:?}"),
            Range::Choice(words) => format!("one of {}", words.join(", ")),
            Range::Flag => "true or false".into(),
            Range::Text(accepts) => accepts.into(),
        }
    }

    /// The value that `text` spells, or what is wrong with it.
    pub fn parse(&self, text: &str) -> Result<Setting, String> {
        let text = text.trim();
        let wrong = |what: &str| format!("'{text}' is not {what}");
        match self.range {
            Range::Count(least, most) => match text.parse::<u64>() {
                Ok(n) if (least..=most).contains(&n) => Ok(Setting::Count(n)),
                Ok(_) => Err(wrong(&self.accepts())),
                Err(_) => Err(wrong("a whole number")),
            },
            Range::Number(least, most) => match text.parse::<f64>() {
                Ok(x) if !x.is_finite() => Err(wrong("finite")),
                Ok(x) if (least..=most).contains(&x) => Ok(Setting::Number(x)),
                Ok(_) => Err(wrong(&self.accepts())),
                Err(_) => Err(wrong("a number")),
            },
            Range::Choice(words) => match words.iter().find(|word| **word == text) {
                Some(word) => Ok(Setting::Choice(word)),
                None => Err(wrong(&self.accepts())),
            },
            Range::Flag => match text {
                "true" => Ok(Setting::Flag(true)),
                "false" => Ok(Setting::Flag(false)),
                _ => Err(wrong("true or false")),
            },
            Range::Text(accepts) if text.is_empty() => Err(wrong(accepts)),
            Range::Text(_) if text.contains(char::is_control) => Err(wrong("one line")),
            Range::Text(_) => Ok(Setting::Text(kept(text))),
        }
    }

    /// "m is the number of neurons, default 60": the tail of every message about a value.
    pub fn explained(&self) -> String {
        format!("{} is the {}, default {}", self.name, self.doc, self.default)
    }
}

/// `text` for as long as the process runs: tables of keys are statics and settings copies, and a command
/// reads a few texts in all. What was read before is not kept again.
fn kept(text: &str) -> &'static str {
    static TEXTS: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = texts.get(text) {
        return known;
    }
    let new: &'static str = Box::leak(text.into());
    texts.insert(new);
    new
}

/// The checked values of all keys of an experiment, in the order of its table.
#[derive(Debug, Clone)]
pub struct Settings {
    values: Vec<(&'static Key, Setting)>,
}

impl Settings {
    /// The values of a preset.
    pub fn preset(keys: impl IntoIterator<Item = &'static Key>, preset: Preset) -> Self {
        Self { values: keys.into_iter().map(|key| (key, key.under(preset))).collect() }
    }

    /// Sets `name` to what `text` spells; `origin` starts the message if it does not.
    pub fn set(&mut self, origin: &str, name: &str, text: &str) -> Result<(), Failure> {
        let Some(slot) = self.values.iter_mut().find(|(key, _)| key.name == name) else {
            return Err(Failure::bad_input(format!("{origin}: {}", self.unknown(name))));
        };
        slot.1 = slot.0.parse(text).map_err(|wrong| {
            Failure::bad_input(format!("{origin}: {wrong}; {}", slot.0.explained()))
        })?;
        Ok(())
    }

    fn unknown(&self, name: &str) -> String {
        let names: Vec<&str> = self.values.iter().map(|(key, _)| key.name).collect();
        let flags = ["seed", "precision", "preset", "threads", "out", "control"];
        if flags.contains(&name) {
            format!("'{name}' is not a key but a flag; write --{name} VALUE")
        } else if names.is_empty() {
            format!("there is no key '{name}'; this experiment has none")
        } else if let Some(meant) = nearest(name, names.iter().copied()) {
            format!("there is no key '{name}'; did you mean '{meant}'? All: {}", names.join(", "))
        } else {
            format!("there is no key '{name}'; choose one of {}", names.join(", "))
        }
    }

    /// Keys and values in the order of the table.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, Setting)> + '_ {
        self.values.iter().map(|(key, value)| (key.name, *value))
    }

    fn get(&self, name: &str) -> Option<Setting> {
        self.iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// The value of a count.
    ///
    /// # Panics
    /// If the experiment's table has no such count: a slip in its code, never in the input. So
    /// do the other getters.
    pub fn count(&self, name: &str) -> usize {
        match self.get(name) {
            Some(Setting::Count(n)) => usize::try_from(n).unwrap_or(usize::MAX),
            other => panic!("the key table has no count {name}, but {other:?}"),
        }
    }

    /// The value of a number.
    pub fn number(&self, name: &str) -> f64 {
        match self.get(name) {
            Some(Setting::Number(x)) => x,
            other => panic!("the key table has no number {name}, but {other:?}"),
        }
    }

    /// The value of a choice.
    pub fn choice(&self, name: &str) -> &'static str {
        match self.get(name) {
            Some(Setting::Choice(word)) => word,
            other => panic!("the key table has no choice {name}, but {other:?}"),
        }
    }

    /// The value of a text.
    pub fn text(&self, name: &str) -> &'static str {
        match self.get(name) {
            Some(Setting::Text(text)) => text,
            other => panic!("the key table has no text {name}, but {other:?}"),
        }
    }

    /// The value of a flag.
    pub fn flag(&self, name: &str) -> bool {
        match self.get(name) {
            Some(Setting::Flag(on)) => on,
            other => panic!("the key table has no flag {name}, but {other:?}"),
        }
    }
}

/// Splits `KEY=VALUE`.
pub fn split_assignment(text: &str) -> Result<(&str, &str), Failure> {
    match text.split_once('=').map(|(key, value)| (key.trim(), value.trim())) {
        Some((key, value)) if !key.is_empty() && !value.is_empty() => Ok((key, value)),
        _ => Err(Failure::bad_input(format!(
            "--set {text}: a setting is written KEY=VALUE; `--set help` lists the keys"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    static KEYS: [Key; 5] = [
        Key::count("m", 60, "number of neurons").quick(Setting::Count(6)),
        Key::number("dt", 1e-3, "Euler step in flow time").positive(),
        Key::choice("loss", "mean", &["mean", "half-mean"], "loss that is differentiated"),
        Key::flag("bias", false, "switch that adds a constant coordinate"),
        Key::text("width", "50, 100", "whole numbers, e.g. 50, 100", "width of each network")
            .quick(Setting::Text("5")),
    ];

    fn said(assignment: &str) -> String {
        let (key, value) = split_assignment(assignment).unwrap();
        let mut settings = Settings::preset(&KEYS, Preset::Paper);
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
        assert!(KEYS[4].parse(" ").unwrap_err().contains("is not whole numbers"));
        assert!(said("los=mean").contains("did you mean 'loss'"));
        assert!(said("zzz=1").contains("choose one of m, dt, loss, bias, width"));
        assert!(said("seed=1").contains("--seed"));
    }

    #[test]
    fn presets_differ_where_the_table_says_so() {
        assert_eq!(Settings::preset(&KEYS, Preset::Paper).count("m"), 60);
        assert_eq!(Settings::preset(&KEYS, Preset::Quick).count("m"), 6);
        assert_eq!(Settings::preset(&KEYS, Preset::Quick).number("dt"), 1e-3);
        assert_eq!(Settings::preset(&KEYS, Preset::Paper).text("width"), "50, 100");
        assert_eq!(Settings::preset(&KEYS, Preset::Quick).text("width"), "5");
    }

    #[test]
    fn a_text_is_kept_once() {
        let parse = |text: &str| match KEYS[4].parse(text) {
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
                let _ = Settings::preset(&KEYS, Preset::Paper).set("--set", key, value);
            }
            for key in &KEYS {
                let _ = key.parse(&text);
            }
        }

        #[test]
        fn counts_survive_print_and_parse(n in 1..=i64::MAX as u64) {
            prop_assert_eq!(KEYS[0].parse(&Setting::Count(n).to_string()), Ok(Setting::Count(n)));
        }

        #[test]
        fn numbers_survive_print_and_parse(bits in any::<u64>()) {
            let x = f64::from_bits(bits);
            let parsed = KEYS[1].parse(&Setting::Number(x).to_string());
            if x.is_normal() && x > 0.0 {
                prop_assert_eq!(parsed, Ok(Setting::Number(x)));
            } else {
                prop_assert!(parsed.is_err());
            }
        }

        #[test]
        fn texts_survive_print_parse_and_toml(text in "\\PC{1,40}") {
            let Ok(setting) = KEYS[4].parse(&text) else {
                prop_assert!(text.trim().is_empty());
                return Ok(());
            };
            prop_assert_eq!(setting.to_string(), text.trim());
            prop_assert_eq!(KEYS[4].parse(&setting.to_string()), Ok(setting));
            let toml = toml::to_string(&BTreeMap::from([("width", setting)])).unwrap();
            let back: BTreeMap<String, String> = toml::from_str(&toml).unwrap();
            prop_assert_eq!(KEYS[4].parse(&back["width"]), Ok(setting));
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
}
