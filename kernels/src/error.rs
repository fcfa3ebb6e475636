//! The one error type of the crate: small, `Copy`, no strings.

use core::fmt;

/// A size, in the order used everywhere: p neurons, n samples, d coordinates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dim {
    /// Neurons.
    P,
    /// Samples.
    N,
    /// Input dimension.
    D,
    /// Elements of `w`, which must be p d.
    W,
    /// Elements of `a`, which must be p.
    A,
    /// Elements of `x`, which must be n d.
    X,
    /// Elements of `y`, which must be n.
    Y,
    /// Elements of a caller's output slice.
    Output,
    /// Elements of a caller's workspace.
    Memory,
    /// Which of the replicas.
    Lane,
    /// Elements of a matrix, which must be rows times columns.
    Matrix,
}

impl Dim {
    /// The symbol used in the documentation.
    pub const fn symbol(self) -> &'static str {
        match self {
            Dim::P => "p",
            Dim::N => "n",
            Dim::D => "d",
            Dim::W => "w (p*d)",
            Dim::A => "a (p)",
            Dim::X => "x (n*d)",
            Dim::Y => "y (n)",
            Dim::Output => "output",
            Dim::Memory => "memory",
            Dim::Lane => "lane",
            Dim::Matrix => "matrix (rows*columns)",
        }
    }
}

/// Why a view, a state or a bound could not be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Error {
    /// A length differs from what the other arguments imply.
    Shape {
        /// Which one.
        dim: Dim,
        /// What the other arguments imply.
        expected: usize,
        /// What was given.
        found: usize,
    },
    /// A size is zero.
    Empty {
        /// Which one.
        dim: Dim,
    },
    /// The workspace holds fewer elements than the state's `len` asks for.
    Memory {
        /// Elements needed.
        needed: usize,
        /// Elements given.
        found: usize,
    },
    /// p n d or a workspace length does not fit `usize`.
    TooLarge,
    /// A sample is the zero vector, so it has no direction and no orthogonal coordinate.
    ZeroSample {
        /// Index of the sample.
        i: usize,
    },
    /// <x_i, x_k> is too large for orthogonal coordinates.
    NotOrthogonal {
        /// Index of the first sample.
        i: usize,
        /// Index of the second sample.
        k: usize,
    },
    /// The label of a sample is not below the number of classes.
    Label {
        /// Index of the sample.
        i: usize,
    },
    /// A [`Part`](crate::Part) of a state that has another [`Layout`](crate::Layout).
    Layout,
    /// A network without layers.
    Depth,
    /// A layer of a deep network has a size of 0, does not take what the layer before it puts out, or is
    /// residual and changes the width.
    Layer {
        /// Which one, from 0.
        at: usize,
    },
    /// A graph convolution without a graph, or a graph whose neighbours of a sample are none, not
    /// ascending, not samples, or not mutual.
    Graph {
        /// Index of the sample.
        i: usize,
    },
    /// A tolerance is not a finite number above 0.
    Tolerance,
    /// No step of a length that moves t keeps the tolerance.
    Stuck,
    /// A given number is NaN or infinite.
    NonFinite {
        /// Where in the given slice.
        at: usize,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Error::Shape { dim, expected, found } => {
                write!(f, "{}: expected {expected}, found {found}", dim.symbol())
            }
            Error::Empty { dim } => write!(f, "{}: must be at least 1, found 0", dim.symbol()),
            Error::Memory { needed, found } => {
                write!(f, "memory: needs {needed} elements, found {found}")
            }
            Error::TooLarge => f.write_str("p, n, d: the sizes overflow the address space"),
            Error::ZeroSample { i } => write!(f, "x: sample {i} is the zero vector"),
            Error::NotOrthogonal { i, k } => {
                write!(f, "x: samples {i} and {k} are not orthogonal")
            }
            Error::Label { i } => {
                write!(f, "labels: that of sample {i} is not below the number of classes")
            }
            Error::Layout => f.write_str("part: of a state with another layout"),
            Error::Depth => f.write_str("layers: there must be at least 1"),
            Error::Layer { at } => write!(
                f,
                "layer {at}: its inputs must be the outputs of the layer before it, at least 1, and a \
                 residual layer must keep their number"
            ),
            Error::Graph { i } => write!(
                f,
                "graph: sample {i} needs neighbours, ascending and mutual (graph layers need a graph)"
            ),
            Error::Tolerance => f.write_str("tolerance: must be a finite number above 0"),
            Error::Stuck => f.write_str(
                "no step that moves t keeps the tolerance: the field is not smooth, not finite or too stiff",
            ),
            Error::NonFinite { at } => write!(f, "element {at} is NaN or infinite"),
        }
    }
}

impl core::error::Error for Error {}

/// `Ok` when `found` equals `expected`, else the shape error for `dim`.
pub(crate) const fn expect(dim: Dim, expected: usize, found: usize) -> Result<(), Error> {
    if expected == found { Ok(()) } else { Err(Error::Shape { dim, expected, found }) }
}
