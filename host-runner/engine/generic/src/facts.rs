//! What the theory asks of a data set, measured: norms, the defect of orthogonality, which of the
//! theorems' hypotheses hold.
mod tally;

use crate::number::Number;
use crate::numerics::Exact;
use crate::parallel::{Cuts, Pool, Source};
use lab::Failure;
use lab::short;
use lab::statistics::max;
use nalgebra::DMatrix;
use reluflow::{Defect, Dim, Error, Geometry, SamplesView, geometry};
use serde_json::{Value, json};
use tally::{Scratch, Tally, dot};

/// Up to this size a matrix is handed to the eigenvalue solver: a tenth of a second.
const SOLVED: usize = 400;

/// The same for the d x d matrix of a data set of several pieces, where anything else would cost
/// n^2 d: about a second, by the cube of the size.
pub const SOLVED_OF_MANY: usize = 1024;

/// |<x_i, x_k>| may be this many roundings of |x_i| |x_k| for the pair to count as orthogonal: data
/// that were made orthogonal in f64 and then rounded pass.
const ROUNDINGS: f64 = 32.0;

/// How the defect |X^T X - D_X| was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Eigenvalues of the n x n matrix itself.
    Eigenvalues,
    /// Weyl's inequalities on the eigenvalues of the d x d matrix X X^T.
    Weyl,
    /// Power iteration from below, Frobenius norm and row sums from above.
    Power,
}

impl Method {
    /// In words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Eigenvalues => "eigenvalues",
            Self::Weyl => "Weyl bracket",
            Self::Power => "power iteration and norms",
        }
    }
}

/// The measured facts.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Norms and defect.
    pub geometry: Geometry<f64>,
    /// Where the defect is from.
    pub method: Method,
    /// The pair that is not orthogonal, and its cosine.
    pub oblique: Option<(usize, usize, f64)>,
    /// A sample that is the zero vector.
    pub zero: Option<usize>,
}

impl Facts {
    /// Measures `samples`, which are numbers of unit roundoff `epsilon`.
    pub fn of(samples: SamplesView<'_, f64>, epsilon: f64) -> Result<Self, Failure> {
        Self::over(&Source::Memory(samples), &Pool::ALONE, epsilon)
    }

    /// As [`of`](Facts::of), piece by piece with all threads; the result does not depend on them.
    /// What needs all samples at once refuses a file: see [`SOLVED_OF_MANY`].
    pub fn over<T: Number>(
        source: &Source<'_, T>,
        pool: &Pool,
        epsilon: f64,
    ) -> Result<Self, Failure> {
        let (n, d) = (source.n(), source.d());
        let cuts = Cuts::of(n);
        let weyl = n > SOLVED && d <= if cuts.count() > 1 { SOLVED_OF_MANY } else { SOLVED };
        let scratches = pool.per_thread(Scratch::default);
        let pieces: Vec<_> = cuts.each().collect();
        let mut tally: Option<Tally> = None;
        // As many pieces at a time as there are threads: a tally may be large.
        for some in pieces.chunks(pool.threads()) {
            let tallies = pool.each(&scratches, some.to_vec(), |scratch, _, at| {
                let first = at.start;
                Ok(Tally::of(scratch.samples(source, at)?, first, weyl))
            })?;
            tally = tally.into_iter().chain(tallies).reduce(Tally::merge);
        }
        let tally = tally.ok_or(Error::Empty { dim: Dim::N })?;
        let (mut geometry, zero) = (tally.geometry, tally.zero);
        let mut scratch = Scratch::default();
        // Exactly where a solver can, else a bracket that is certain.
        let method = match (weyl, n <= SOLVED) {
            (true, _) => Method::Weyl,
            (false, true) => Method::Eigenvalues,
            (false, false) => Method::Power,
        };
        geometry.defect = match method {
            Method::Weyl => tally.weyl(),
            _ => defect(scratch.samples(source, 0..n)?, method)?,
        };
        geometry.n = n;
        // More samples than dimensions have a pair that is not orthogonal, or a zero.
        let looked_at = if d < cuts.longest() { cuts.longest() } else { n };
        let samples = scratch.samples(source, 0..looked_at)?;
        let oblique = match geometry::check_orthogonal::<Exact>(samples, ROUNDINGS * epsilon) {
            Ok(()) => None,
            Err(Error::NotOrthogonal { i, k }) => {
                let row = |i: usize| &samples.x()[i * d..(i + 1) * d];
                let norms = dot(row(i), row(i)) * dot(row(k), row(k));
                Some((i, k, dot(row(i), row(k)) / norms.sqrt()))
            }
            Err(other) => return Err(other.into()),
        };
        Ok(Self { geometry, method, oblique, zero })
    }

    /// Pairwise orthogonal and none zero: what orthogonal coordinates ask.
    pub fn orthogonal(&self) -> bool {
        self.why_not_orthogonal().is_none()
    }

    /// Why the samples are not orthogonal directions, if so.
    pub fn why_not_orthogonal(&self) -> Option<String> {
        if let Some(i) = self.zero {
            return Some(format!("sample {i} (counted from 0) is the zero vector"));
        }
        self.oblique.map(|(i, k, cosine)| {
            format!("samples {i} and {k} (counted from 0) have the cosine {}", short(cosine))
        })
    }

    /// Why Assumption 2 of paper `weak` is not known to hold, if so.
    pub fn why_not_assumption_2(&self) -> Option<String> {
        let allowed = self.geometry.defect_allowed();
        match self.geometry.assumption_2() {
            Some(true) if self.zero.is_none() && self.geometry.y_min > 0.0 => None,
            _ if self.zero.is_some() => self.why_not_orthogonal(),
            _ if self.geometry.y_min == 0.0 => Some("a target is 0".into()),
            Some(_) => Some(format!(
                "the defect |X^T X - D_X| is {} times what Assumption 2 allows",
                short(self.geometry.defect.lower / allowed)
            )),
            None => Some(format!(
                "undecided, the defect |X^T X - D_X| is {} and Assumption 2 allows {}",
                self.defect(),
                short(allowed)
            )),
        }
    }

    /// Why Lemma 7's lower bound is never positive on these data, if so.
    pub fn why_lower_is_vacuous(&self) -> Option<String> {
        let (square, defect) = (self.geometry.x_min * self.geometry.x_min, &self.geometry.defect);
        (defect.upper >= square).then(|| {
            format!(
                "the defect |X^T X - D_X|, {}, is not below (C_x^-)^2 = {}",
                self.defect(),
                short(square)
            )
        })
    }

    /// The defect in words.
    pub fn defect(&self) -> String {
        let defect = &self.geometry.defect;
        if defect.lower == defect.upper {
            short(defect.upper)
        } else {
            format!("between {} and {}", short(defect.lower), short(defect.upper))
        }
    }

    /// For the JSON documents.
    pub fn to_json(&self) -> Value {
        let g = &self.geometry;
        json!({
            "x_norm_min": g.x_min,
            "x_norm_max": g.x_max,
            "y_abs_min": g.y_min,
            "y_abs_max": g.y_max,
            "defect_lower": g.defect.lower,
            "defect_upper": g.defect.upper,
            "defect_method": self.method.word(),
            "defect_allowed": g.defect_allowed(),
            "assumption_2": self.why_not_assumption_2().is_none(),
            "orthogonal": self.orthogonal(),
        })
    }
}

/// |X^T X - D_X| from all samples by one of the methods.
pub fn defect(samples: SamplesView<'_, f64>, method: Method) -> Result<Defect<f64>, Error> {
    let (n, d) = (samples.n(), samples.d());
    match method {
        Method::Eigenvalues => {
            let row = |i: usize| &samples.x()[i * d..(i + 1) * d];
            let gram = symmetric(n, |i, k| if i == k { 0.0 } else { dot(row(i), row(k)) });
            Ok(Defect::exact(max(gram.symmetric_eigenvalues().iter().map(|x| x.abs()))))
        }
        Method::Weyl => Ok(Tally::of(samples, 0, true).weyl()),
        Method::Power => {
            let mut memory = vec![0.0; Defect::<f64>::len(n, d)];
            Defect::of::<Exact>(samples, 200, &mut memory)
        }
    }
}

fn symmetric(size: usize, entry: impl Fn(usize, usize) -> f64) -> DMatrix<f64> {
    let mut matrix = DMatrix::zeros(size, size);
    for i in 0..size {
        for k in i..size {
            let value = entry(i, k);
            matrix[(i, k)] = value;
            matrix[(k, i)] = value;
        }
    }
    matrix
}
