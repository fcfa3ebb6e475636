//! What happens at a kink: the mode of a pair, and the record of its change.

use crate::real::Real;
use crate::rows::slice;

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

    /// 1 where a pair begins to slide, -1 where it stops, else 0.
    pub(super) fn slides<T: Real>(self) -> T {
        match self {
            Kind::Slides => T::ONE,
            Kind::LeavesInactive | Kind::LeavesActive => -T::ONE,
            _ => T::ZERO,
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

/// A log that counts what passes to another one, up to the end of a step or leap.
pub(super) struct Counting<'a, T> {
    log: &'a mut dyn Log<T>,
    until: T,
    /// A pair to look out for.
    watched: Option<(usize, usize)>,
    /// Has the pair met an event?
    pub met: bool,
    pub events: u64,
    /// Time from the events to the end that pairs slide more than they did before.
    pub slid: T,
}

impl<'a, T: Real> Counting<'a, T> {
    /// Counts until the time `until`, looking out for the pair (neuron, sample) `watched`.
    pub(super) fn until(
        until: T,
        watched: Option<(usize, usize)>,
        log: &'a mut dyn Log<T>,
    ) -> Self {
        Counting { log, until, watched, met: false, events: 0, slid: T::ZERO }
    }
}

impl<T: Real> Log<T> for Counting<'_, T> {
    fn record(&mut self, event: Event<T>) {
        self.events += 1;
        self.slid += event.kind.slides::<T>() * (self.until - event.t);
        self.met |= self.watched == Some((event.neuron, event.sample));
        self.log.record(event);
    }
}

/// A log of fixed length, for devices: keeps the first events, counts the rest.
#[derive(Debug)]
pub struct Kept<'m, T> {
    slots: &'m mut [Event<T>],
    seen: usize,
}

impl<'m, T: Real> Kept<'m, T> {
    /// An empty log with room for as many events as `slots` has.
    pub const fn new(slots: &'m mut [Event<T>]) -> Self {
        Kept { slots, seen: 0 }
    }

    /// The events kept.
    pub fn events(&self) -> &[Event<T>] {
        slice(self.slots, ..self.seen.min(self.slots.len()))
    }

    /// Events that found no room.
    pub fn lost(&self) -> usize {
        self.seen.saturating_sub(self.slots.len())
    }
}

impl<T: Real> Log<T> for Kept<'_, T> {
    fn record(&mut self, event: Event<T>) {
        if let Some(slot) = self.slots.get_mut(self.seen) {
            *slot = event;
        }
        self.seen += 1;
    }
}

/// A log that checks another: the run that is being made must meet the same events in the same
/// order, to the last bit of their times. A flow has no randomness and, with
/// [`Canonical`](crate::Canonical) lanes, the same bits everywhere; so the start, the rules and the
/// log rebuild the trajectory, and a line that was changed, lost or added is found.
#[derive(Debug)]
pub struct Replay<'a, T> {
    expected: &'a [Event<T>],
    seen: usize,
    first: Option<usize>,
}

impl<'a, T: Real> Replay<'a, T> {
    /// A check against these events.
    pub const fn of(expected: &'a [Event<T>]) -> Self {
        Replay { expected, seen: 0, first: None }
    }

    /// Index of the first event that differs from the log's. After the run is over: also that of
    /// the first event of the log that the run did not meet.
    pub fn difference(&self, over: bool) -> Option<usize> {
        let missing = (over && self.seen < self.expected.len()).then_some(self.seen);
        self.first.or(missing)
    }
}

impl<T: Real> Log<T> for Replay<'_, T> {
    fn record(&mut self, event: Event<T>) {
        let same = |logged: &Event<T>| {
            (logged.neuron, logged.sample, logged.kind) == (event.neuron, event.sample, event.kind)
                && logged.t.bits() == event.t.bits()
        };
        if !self.expected.get(self.seen).is_some_and(same) {
            self.first = self.first.or(Some(self.seen));
        }
        self.seen += 1;
    }
}
