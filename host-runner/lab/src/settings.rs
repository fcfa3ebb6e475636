//! What can be set about an experiment: keys with types and bounds, and their checked values.
mod key;

pub use key::{Entry, Key, Keys, Listed, Setting, Value, Word};

use crate::choices::Preset;
use crate::failure::{Failure, nearest};

/// The checked values of all keys of an experiment, in the order of its table.
#[derive(Debug, Clone)]
pub struct Settings {
    values: Vec<(Entry, Setting)>,
}

impl Settings {
    /// The values of a preset.
    pub fn preset(keys: impl IntoIterator<Item = Entry>, preset: Preset) -> Self {
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

    /// Place and value of a key; nothing where the table has none of that name and type.
    pub(crate) fn find<T: Value>(&self, key: Key<T>) -> Option<(usize, T)> {
        let at = self.values.iter().position(|(known, _)| known.name == key.name)?;
        Some((at, T::read(self.values[at].1)?))
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
mod tests;
