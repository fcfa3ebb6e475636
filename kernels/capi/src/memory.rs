//! What C passes, turned into what Rust can vouch for: the only unsafe code.
//!
//! The types of pointers below are what the exported functions take. Only C can make one, and the
//! header states what it promises by passing it: a pointer that is not null points to as much as the
//! function's comment says, and nobody else writes there during the call. What can be checked is
//! checked: null, alignment, overflow, overlap, the tag of a state.

use core::ffi::c_void;
use core::marker::PhantomData;
use core::slice;

use crate::status::Status;

/// `const float *`
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct In<'a>(*const f32, PhantomData<&'a f32>);

/// `float *`
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct Out<'a>(*mut f32, PhantomData<&'a mut f32>);

/// `const T *`
#[repr(transparent)]
pub struct Given<T>(*const T);

/// `T *`, a result.
#[repr(transparent)]
pub struct Slot<T>(*mut T);

/// `void *`, a block of memory.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct Block(*mut c_void);

/// `T *` where T is a state, to use.
#[repr(transparent)]
pub struct Handle<S>(*mut Head<S>);

/// `const T *` where T is a state, to read.
#[repr(transparent)]
pub struct View<S>(*const Head<S>);

/// A Rust state that lives in a block.
pub trait State {
    /// Tells the types apart.
    const TAG: usize;
}

/// The start of a state's block; the arrays follow.
#[repr(C)]
pub struct Head<S> {
    /// [`State::TAG`] and the address: a block that was moved does not fit any more.
    tag: usize,
    /// Bytes of the block from here on.
    bytes: usize,
    /// p, n, d.
    pub sizes: [usize; 3],
    /// The state itself.
    pub state: S,
}

impl<S> Head<S> {
    /// The bytes that the state uses.
    pub fn span(&self) -> Span {
        Span { start: (&raw const *self).addr(), bytes: self.bytes }
    }
}

/// Bytes of every head, so that the header's size macros need not know Rust's layout.
pub const HEAD: usize = 40 * size_of::<usize>();

/// Bytes lost before a block's first aligned address.
const WORD_SLACK: usize = align_of::<usize>() - 1;
const FLOAT_SLACK: usize = align_of::<f32>() - 1;

/// Bytes of a block with a state whose arrays have `floats` elements.
pub fn state_bytes(floats: usize) -> Result<usize, Status> {
    block_bytes(floats, HEAD + WORD_SLACK)
}

/// Bytes of a workspace of `floats` elements.
pub fn work_bytes(floats: usize) -> Result<usize, Status> {
    block_bytes(floats, FLOAT_SLACK)
}

fn block_bytes(floats: usize, more: usize) -> Result<usize, Status> {
    let bytes = floats.checked_mul(size_of::<f32>()).and_then(|bytes| bytes.checked_add(more));
    bytes.filter(|&bytes| isize::try_from(bytes).is_ok()).ok_or(Status::TooLarge)
}

/// Addresses that a call uses.
#[derive(Clone, Copy)]
pub struct Span {
    start: usize,
    bytes: usize,
}

impl Span {
    const NONE: Span = Span { start: 0, bytes: 0 };

    /// `len` elements from `pointer` on.
    fn of<T>(pointer: *const T, len: usize) -> Result<Self, Status> {
        if pointer.is_null() {
            return Err(Status::Null);
        }
        if !pointer.is_aligned() {
            return Err(Status::Misaligned);
        }
        let (start, bytes) = (pointer.addr(), len.checked_mul(size_of::<T>()));
        match bytes.filter(|&bytes| isize::try_from(bytes).is_ok()) {
            Some(bytes) if start.checked_add(bytes).is_some() => Ok(Span { start, bytes }),
            _ => Err(Status::TooLarge),
        }
    }

    fn overlaps(self, other: Span) -> bool {
        let shared = self.bytes > 0 && other.bytes > 0;
        shared && self.start < other.start + other.bytes && other.start < self.start + self.bytes
    }
}

/// Each span of `own` apart from the others of `own` and from those of `rest`.
fn apart(own: &[Span], rest: &[Span]) -> Result<(), Status> {
    for (index, &span) in own.iter().enumerate() {
        let others = own.iter().skip(index + 1).chain(rest);
        if others.copied().any(|other| span.overlaps(other)) {
            return Err(Status::Overlap);
        }
    }
    Ok(())
}

/// What a call reads and what it writes.
type Slices<'a, const R: usize, const W: usize> = ([&'a [f32]; R], [&'a mut [f32]; W]);

/// The slices of a call, once they are checked: those to write and `taken`, what else the call owns,
/// are apart from each other and from those to read.
pub fn slices<'a, const R: usize, const W: usize>(
    reads: [(In<'a>, usize); R],
    writes: [(Out<'a>, usize); W],
    taken: &[Span],
) -> Result<Slices<'a, R, W>, Status> {
    let (mut input, mut output) = ([Span::NONE; R], [Span::NONE; W]);
    for (span, (pointer, len)) in input.iter_mut().zip(&reads) {
        *span = Span::of(pointer.0, *len)?;
    }
    for (span, (pointer, len)) in output.iter_mut().zip(&writes) {
        *span = Span::of(pointer.0, *len)?;
    }
    apart(&output, &input)?;
    for &span in taken {
        apart(&[span], &input)?;
        apart(&[span], &output)?;
    }
    apart(taken, &[])?;
    // SAFETY: not null, aligned, inside the address space, and as long as the header asks for; what
    // is written is apart from all else that the call uses.
    Ok(unsafe {
        (
            reads.map(|(pointer, len)| slice::from_raw_parts(pointer.0, len)),
            writes.map(|(pointer, len)| slice::from_raw_parts_mut(pointer.0, len)),
        )
    })
}

impl<T: Copy> Given<T> {
    /// A copy of what it points to, apart from what the call owns.
    pub fn get(&self, taken: &[Span]) -> Result<T, Status> {
        apart(&[Span::of(self.0, 1)?], taken)?;
        // SAFETY: not null, aligned, and points to a T by the contract of the header.
        Ok(unsafe { self.0.read() })
    }
}

impl<T> Slot<T> {
    /// The address that will be written.
    pub fn span(&self) -> Result<Span, Status> {
        Span::of(self.0, 1)
    }

    /// Writes the result.
    pub fn put(self, value: T) -> Result<(), Status> {
        self.span()?;
        // SAFETY: not null, aligned, and there is room for a T by the contract of the header.
        unsafe { self.0.write(value) };
        Ok(())
    }
}

impl Block {
    /// The addresses of a block of `bytes`, which needs `needed`.
    pub fn span(self, bytes: usize, needed: usize) -> Result<Span, Status> {
        let span = Span::of(self.0.cast::<u8>().cast_const(), bytes)?;
        if bytes < needed { Err(Status::Memory) } else { Ok(span) }
    }

    /// `floats` zeros, `head` bytes after the first address of the block aligned for a `T`. The block
    /// has the bytes for it; [`Block::span`] has said so.
    fn zeros<T>(self, head: usize, floats: usize) -> (*mut u8, &'static mut [f32]) {
        let start = self.0.cast::<u8>();
        let skip = start.addr().wrapping_neg() % align_of::<T>();
        // SAFETY: the block has `align_of::<T>() - 1 + head + 4 floats` bytes; `head` is a multiple
        // of the alignment of f32, as is that of T. It is the state's by the contract of the header
        // for as long as the state is used, and all bits 0 is a float.
        unsafe {
            let place = start.add(skip);
            let arrays = place.add(head).cast::<f32>();
            arrays.write_bytes(0, floats);
            (place, slice::from_raw_parts_mut(arrays, floats))
        }
    }

    /// A workspace of [`work_bytes`] bytes.
    pub fn work(self, floats: usize) -> &'static mut [f32] {
        self.zeros::<f32>(0, floats).1
    }

    /// Builds a state in a block of [`state_bytes`] bytes and hands out its address.
    pub fn place<S: State>(
        self,
        floats: usize,
        sizes: [usize; 3],
        handle: Slot<Handle<S>>,
        build: impl FnOnce(&'static mut [f32]) -> Result<S, Status>,
    ) -> Result<(), Status> {
        const { assert!(size_of::<Head<S>>() <= HEAD) };
        const { assert!(align_of::<Head<S>>() == align_of::<usize>()) };
        let (place, arrays) = self.zeros::<usize>(HEAD, floats);
        let state = build(arrays)?;
        let head = place.cast::<Head<S>>();
        let tag = S::TAG ^ head.addr();
        let bytes = HEAD + floats * size_of::<f32>();
        // SAFETY: aligned, with HEAD bytes before the arrays.
        unsafe { head.write(Head { tag, bytes, sizes, state }) };
        handle.put(Handle(head))
    }
}

impl<S: State> Handle<S> {
    /// The state's head.
    pub fn open(&mut self) -> Result<&mut Head<S>, Status> {
        check(self.0.cast_const())?;
        // SAFETY: a head that `place` wrote, for its tag says so, and this call's alone by the
        // contract of the header.
        Ok(unsafe { &mut *self.0 })
    }
}

impl<S: State> View<S> {
    /// The state's head.
    pub fn open(&self) -> Result<&Head<S>, Status> {
        check(self.0)?;
        // SAFETY: as in `Handle::open`; other calls may read as well.
        Ok(unsafe { &*self.0 })
    }
}

impl<S: State> Handle<S> {
    /// As [`open`](Self::open), for a step of length `dt` that writes `report`.
    pub fn step<T>(&mut self, dt: f32, report: &Slot<T>) -> Result<&mut Head<S>, Status> {
        let head = self.open()?;
        apart(&[report.span()?], &[head.span()])?;
        if dt.is_finite() { Ok(head) } else { Err(Status::NotFinite) }
    }
}

impl<S: State> View<S> {
    /// As [`open`](Self::open), to read something into `slot`.
    pub fn read<T>(&self, slot: &Slot<T>) -> Result<&Head<S>, Status> {
        let head = self.open()?;
        apart(&[slot.span()?], &[head.span()])?;
        Ok(head)
    }
}

fn check<S: State>(head: *const Head<S>) -> Result<(), Status> {
    Span::of(head.cast::<usize>(), HEAD / size_of::<usize>())?;
    // SAFETY: not null, aligned, and readable by the contract of the header. Only the tag is read,
    // which is the first field.
    let tag = unsafe { head.cast::<usize>().read() };
    if tag == S::TAG ^ head.addr() { Ok(()) } else { Err(Status::Handle) }
}
