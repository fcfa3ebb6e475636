//! What happens at a kink: the mode of a pair, and the record of its change.

use crate::real::Real;

/// Which side of its kink z_ji = <w_j, x_i> = 0 a pair is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(u8)]
pub enum Mode {
    /// z <= 0: the sample does not see the neuron. Also z = 0 at the start, as relu'(0) = 0.
    #[default]
    Inactive,
    /// z > 0.
    Active,
    /// z = 0 and both sides push towards it: the flow rides the kink.
    Sliding,
}

/// What happened to a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    /// From active to inactive: on orthogonal data for ever.
    Dies,
    /// From inactive to active.
    Wakes,
    /// From either side onto the kink.
    Slides,
    /// Off the kink to the inactive side.
    LeavesInactive,
    /// Off the kink to the active side.
    LeavesActive,
    /// Reached z = 0 and turned back.
    Grazes,
}

impl Kind {
    /// What a change of mode is called.
    pub(super) const fn of(from: Mode, to: Mode) -> Self {
        match (from, to) {
            (Mode::Active, Mode::Inactive) => Kind::Dies,
            (Mode::Inactive, Mode::Active) => Kind::Wakes,
            (Mode::Sliding, Mode::Inactive) => Kind::LeavesInactive,
            (Mode::Sliding, Mode::Active) => Kind::LeavesActive,
            (Mode::Active | Mode::Inactive, Mode::Sliding) => Kind::Slides,
            _ => Kind::Grazes,
        }
    }

    /// The word used in logs.
    pub const fn word(self) -> &'static str {
        match self {
            Kind::Dies => "dies",
            Kind::Wakes => "wakes",
            Kind::Slides => "slides",
            Kind::LeavesInactive => "leaves-inactive",
            Kind::LeavesActive => "leaves-active",
            Kind::Grazes => "grazes",
        }
    }
}

/// One line of the event log.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event<T> {
    /// Flow time.
    pub t: T,
    /// Index j of the neuron.
    pub neuron: usize,
    /// Index i of the sample.
    pub sample: usize,
    /// What happened.
    pub kind: Kind,
}

/// Where events go: called once for each, in the order of commitment. Within one step the events
/// of a neuron are in order of time, neuron after neuron.
pub trait Log<T> {
    /// Takes an event.
    fn record(&mut self, event: Event<T>);
}

impl<T: Real, F: FnMut(Event<T>)> Log<T> for F {
    fn record(&mut self, event: Event<T>) {
        self(event);
    }
}
