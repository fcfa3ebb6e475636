//! Keys: what they are called, the type they are read as, the values they take, and their defaults.
use crate::choices::{Arithmetic, Preset};
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

/// What a key can be read as.
pub trait Value: fmt::Debug + Copy + Send + Sync + 'static {
    /// As it is printed and kept.
    fn setting(self) -> Setting;

    /// Back again; nothing where the setting is of another type.
    fn read(setting: Setting) -> Option<Self>;
}

impl Value for usize {
    fn setting(self) -> Setting {
        Setting::Count(self as u64)
    }

    fn read(setting: Setting) -> Option<Self> {
        let Setting::Count(n) = setting else { return None };
        Some(Self::try_from(n).unwrap_or(Self::MAX))
    }
}

impl Value for f64 {
    fn setting(self) -> Setting {
        Setting::Number(self)
    }

    fn read(setting: Setting) -> Option<Self> {
        if let Setting::Number(x) = setting { Some(x) } else { None }
    }
}

impl Value for bool {
    fn setting(self) -> Setting {
        Setting::Flag(self)
    }

    fn read(setting: Setting) -> Option<Self> {
        if let Setting::Flag(on) = setting { Some(on) } else { None }
    }
}

impl Value for &'static str {
    fn setting(self) -> Setting {
        Setting::Text(self)
    }

    fn read(setting: Setting) -> Option<Self> {
        if let Setting::Text(text) = setting { Some(text) } else { None }
    }
}

/// A type whose values a choice names.
pub trait Word: fmt::Debug + Copy + PartialEq + Send + Sync + 'static {
    /// Every value with its word, in the order of messages.
    const WORDS: &'static [(&'static str, Self)];

    /// The word of a value.
    fn word(self) -> &'static str {
        // Empty only where WORDS lacks a value, which no text then spells.
        Self::WORDS.iter().find(|(_, value)| *value == self).map_or("", |(word, _)| word)
    }
}

impl Word for Arithmetic {
    const WORDS: &'static [(&'static str, Self)] =
        &[("canonical", Self::Canonical), ("fused", Self::Fused)];
}

impl<W: Word> Value for W {
    fn setting(self) -> Setting {
        Setting::Choice(self.word())
    }

    fn read(setting: Setting) -> Option<Self> {
        let Setting::Choice(text) = setting else { return None };
        Self::WORDS.iter().find(|(word, _)| *word == text).map(|(_, value)| *value)
    }
}

/// The words of a type of choices.
fn words<W: Word>() -> Vec<&'static str> {
    W::WORDS.iter().map(|(word, _)| *word).collect()
}

/// The values a key takes.
#[derive(Debug, Clone, Copy)]
enum Range {
    Count(u64, u64),
    Number(f64, f64),
    Choice(fn() -> Vec<&'static str>),
    Flag,
    Text(&'static str),
}

/// A key that `--set KEY=VALUE` accepts and that is read as a `T`. A `const`, e.g.
/// `const M: Key<usize> = Key::count("m", 60, "number of neurons").between(1, 1 << 20);`,
/// that the table of an experiment lists as `&M` and its code reads by `context.get(M)`.
#[derive(Debug, Clone, Copy)]
pub struct Key<T> {
    /// As typed by the user; lower case, short.
    pub name: &'static str,
    doc: &'static str,
    default: T,
    quick: Option<T>,
    extended: Option<T>,
    range: Range,
}

impl Key<usize> {
    /// A whole number of at least 1.
    pub const fn count(name: &'static str, default: usize, doc: &'static str) -> Self {
        // TOML has no integers beyond i64, and config.toml must hold every value.
        Self::new(name, default, Range::Count(1, i64::MAX as u64), doc)
    }

    /// Bounds, both allowed.
    pub const fn between(mut self, least: u64, most: u64) -> Self {
        self.range = Range::Count(least, most);
        self
    }
}

impl Key<f64> {
    /// Any finite number.
    pub const fn number(name: &'static str, default: f64, doc: &'static str) -> Self {
        Self::new(name, default, Range::Number(f64::MIN, f64::MAX), doc)
    }

    /// Bounds, both allowed.
    pub const fn within(mut self, least: f64, most: f64) -> Self {
        self.range = Range::Number(least, most);
        self
    }

    /// A number above zero.
    pub const fn positive(self) -> Self {
        self.within(f64::MIN_POSITIVE, f64::MAX)
    }
}

impl<W: Word> Key<W> {
    /// One of the words of its type.
    pub const fn choice(name: &'static str, default: W, doc: &'static str) -> Self {
        Self::new(name, default, Range::Choice(words::<W>), doc)
    }
}

impl Key<bool> {
    /// `true` or `false`.
    pub const fn flag(name: &'static str, default: bool, doc: &'static str) -> Self {
        Self::new(name, default, Range::Flag, doc)
    }
}

impl Key<&'static str> {
    /// A line of text, which whoever uses it must check; `accepts` says what it should be, e.g. `the
    /// path of a file, or none`.
    pub const fn text(
        name: &'static str,
        default: &'static str,
        accepts: &'static str,
        doc: &'static str,
    ) -> Self {
        Self::new(name, default, Range::Text(accepts), doc)
    }
}

impl<T: Value> Key<T> {
    const fn new(name: &'static str, default: T, range: Range, doc: &'static str) -> Self {
        Self { name, doc, default, quick: None, extended: None, range }
    }

    /// Another default than the key's own.
    pub const fn usually(mut self, value: T) -> Self {
        self.default = value;
        self
    }

    /// The value under `--preset quick`.
    pub const fn quick(mut self, value: T) -> Self {
        self.quick = Some(value);
        self
    }

    /// The value under `--preset extended`.
    pub const fn extended(mut self, value: T) -> Self {
        self.extended = Some(value);
        self
    }

    /// What it is in this experiment.
    pub const fn about(mut self, doc: &'static str) -> Self {
        self.doc = doc;
        self
    }

    /// The value under a preset.
    pub fn under(&self, preset: Preset) -> T {
        T::read(self.entry().under(preset)).unwrap_or(self.default)
    }
}

/// What a table lists: keys of any type.
pub trait Listed: fmt::Debug + Sync {
    /// The key without its type.
    fn entry(&self) -> Entry;
}

impl<T: Value> Listed for Key<T> {
    fn entry(&self) -> Entry {
        let Self { name, doc, default, quick, extended, range } = *self;
        let (quick, extended) = (quick.map(T::setting), extended.map(T::setting));
        Entry { name, doc, default: default.setting(), quick, extended, range }
    }
}

/// Keys of any type, as a table holds them.
pub type Keys = &'static [&'static dyn Listed];

/// What is said of a key and done with its text, whatever its type.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// As typed by the user.
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

impl Entry {
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
            Range::Choice(words) => format!("one of {}", words().join(", ")),
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
            Range::Choice(words) => match words().into_iter().find(|word| *word == text) {
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
