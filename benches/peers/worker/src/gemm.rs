//! The step on top of somebody else's matrix product: a product, one pass over z that leaves in its
//! place what the second product needs, a second product straight into w.
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use timing::case::Run;
use timing::grid::Fixture;
use libloading::Library;
use reluflow::Lanes;
use reluflow::lanes::NativeF32;
use std::error::Error;
use std::ffi::c_int;
use std::hint::black_box;

/// A row-major matrix with `ld` numbers from row to row, or its transpose.
#[derive(Clone, Copy)]
pub struct Operand<'a> {
    data: &'a [f32],
    ld: usize,
    transposed: bool,
}

impl<'a> Operand<'a> {
    fn new(data: &'a [f32], ld: usize) -> Self {
        Self { data, ld, transposed: false }
    }

    fn transposed(data: &'a [f32], ld: usize) -> Self {
        Self { data, ld, transposed: true }
    }

    /// Do `rows` x `columns` numbers lie in the slice?
    fn holds(&self, rows: usize, columns: usize) -> bool {
        let (rows, columns) = if self.transposed { (columns, rows) } else { (rows, columns) };
        columns <= self.ld && (rows - 1) * self.ld + columns <= self.data.len()
    }

    fn faer(&self, rows: usize, columns: usize) -> MatRef<'a, f32> {
        let Self { data, ld, transposed } = *self;
        let (stored_rows, stored) = if transposed { (columns, rows) } else { (rows, columns) };
        let matrix = MatRef::from_row_major_slice_with_stride(data, stored_rows, stored, ld);
        if transposed { matrix.transpose() } else { matrix }
    }
}

/// Somebody's matrix product.
pub trait Gemm: 'static {
    /// c = a b, or c += a b if `add`; c is m x n row-major with `ld` numbers from row to row, a is
    /// m x k, b is k x n.
    fn product(
        &self,
        c: (&mut [f32], usize),
        size: [usize; 3],
        a: Operand<'_>,
        b: Operand<'_>,
        add: bool,
    );
}

/// faer on one thread.
pub struct Faer;

impl Gemm for Faer {
    fn product(
        &self,
        (c, ld): (&mut [f32], usize),
        [m, n, k]: [usize; 3],
        a: Operand<'_>,
        b: Operand<'_>,
        add: bool,
    ) {
        // Not `from_row_major_slice_with_stride_mut`, which in faer 0.24.4 swaps the strides.
        let c = MatMut::from_column_major_slice_with_stride_mut(c, n, m, ld).transpose_mut();
        let add = if add { Accum::Add } else { Accum::Replace };
        matmul(c, add, a.faer(m, k), b.faer(k, n), 1.0, Par::Seq);
    }
}

type Sgemm = unsafe extern "C" fn(
    order: c_int,
    transpose_a: c_int,
    transpose_b: c_int,
    m: c_int,
    n: c_int,
    k: c_int,
    alpha: f32,
    a: *const f32,
    lda: c_int,
    b: *const f32,
    ldb: c_int,
    beta: f32,
    c: *mut f32,
    ldc: c_int,
);

/// `cblas_sgemm` of a shared library with 32-bit integers.
pub struct Blas {
    sgemm: Sgemm,
    _library: Library,
}

impl Blas {
    /// Opens a library in which the function is called `symbol`.
    pub fn load(path: &str, symbol: &str) -> Result<Self, Box<dyn Error>> {
        // SAFETY: the driver names libraries of BLAS packages, whose initialisers are sound.
        let library = unsafe { Library::new(path)? };
        // SAFETY: every CBLAS with 32-bit integers declares it so; the library outlives the pointer.
        let sgemm = *unsafe { library.get::<Sgemm>(symbol.as_bytes())? };
        Ok(Self { sgemm, _library: library })
    }
}

impl Gemm for Blas {
    fn product(
        &self,
        (c, ld): (&mut [f32], usize),
        [m, n, k]: [usize; 3],
        a: Operand<'_>,
        b: Operand<'_>,
        add: bool,
    ) {
        const ROW_MAJOR: c_int = 101;
        assert!(a.holds(m, k) && b.holds(k, n) && Operand::new(c, ld).holds(m, n));
        let int = |size: usize| size as c_int;
        let transpose = |x: Operand<'_>| if x.transposed { 112 } else { 111 };
        // SAFETY: the matrices lie in their slices, as just asserted, and c borrows alone.
        unsafe {
            (self.sgemm)(
                ROW_MAJOR,
                transpose(a),
                transpose(b),
                int(m),
                int(n),
                int(k),
                1.0,
                a.data.as_ptr(),
                int(a.ld),
                b.data.as_ptr(),
                int(b.ld),
                f32::from(u8::from(add)),
                c.as_mut_ptr(),
                int(ld),
            );
        }
    }
}

/// Which index of z is contiguous.
#[derive(Clone, Copy, PartialEq)]
pub enum Layout {
    /// z is p x n: samples are.
    Pn,
    /// z is n x p: neurons are.
    Np,
}

impl Layout {
    /// `pn` or `np`.
    pub fn named(name: &str) -> Result<Self, String> {
        match name {
            "pn" => Ok(Self::Pn),
            "np" => Ok(Self::Np),
            _ => Err(format!("no layout {name}")),
        }
    }
}

type Chunk = <NativeF32 as Lanes>::Chunk;

/// The state. Rows of z, and what goes along them, are padded with zeros to whole registers.
pub struct GemmStep<G> {
    gemm: G,
    layout: Layout,
    size: [usize; 3],
    ld: usize,
    x: Vec<f32>,
    y: Vec<f32>,
    w: Vec<f32>,
    a: Vec<f32>,
    /// a dt / n.
    pull: Vec<f32>,
    /// n da/dt: a register for each neuron, or a number for each.
    da: Vec<f32>,
    z: Vec<f32>,
}

impl<G: Gemm> GemmStep<G> {
    /// At the start of the fixture.
    pub fn new(fixture: &Fixture, gemm: G, layout: Layout) -> Self {
        let (net, data) = (&fixture.net, &fixture.data);
        let [p, n, d] = [net.p, data.n, net.d];
        let padded = |len: usize| len.next_multiple_of(NativeF32::WIDTH);
        let single = |from: &[f64], len: usize| {
            let mut to: Vec<_> = from.iter().map(|&x| x as f32).collect();
            to.resize(len, 0.0);
            to
        };
        let (rows, ld) = match layout {
            Layout::Pn => (p, padded(n)),
            Layout::Np => (n, padded(p)),
        };
        Self {
            gemm,
            layout,
            size: [p, n, d],
            ld,
            x: single(&data.x, n * d),
            y: single(&data.y, padded(n)),
            w: single(&net.w, p * d),
            a: single(&net.a, padded(p)),
            pull: vec![0.0; padded(p)],
            da: vec![0.0; padded(p) * NativeF32::WIDTH],
            z: vec![0.0; rows * ld],
        }
    }

    /// Takes steps; no curvature.
    pub fn run(mut self) -> Run {
        Box::new(move |steps, dt| {
            let mut loss = f64::NAN;
            for _ in 0..steps {
                loss = black_box(self.step(black_box(dt) as f32));
            }
            (loss, f64::NAN)
        })
    }

    /// One step; returns the loss at its start.
    fn step(&mut self, dt: f32) -> f64 {
        let Self { gemm, layout, size: [p, n, d], ld, x, y, w, a, pull, da, z } = self;
        let (p, n, d, ld) = (*p, *n, *d, *ld);
        let (s, rate) = (1.0 / p as f32, dt / n as f32);
        for (pull, a) in pull.iter_mut().zip(a.iter()) {
            *pull = rate * a;
        }
        da.fill(0.0);
        let (w_in, x) = (Operand::new(w, d), x.as_slice());
        let squares = match layout {
            Layout::Pn => {
                gemm.product((z, ld), [p, n, d], w_in, Operand::transposed(x, d), false);
                let squares = neurons_by_samples(z, ld, a, pull, y, s, da);
                gemm.product((w, d), [p, d, n], Operand::new(z, ld), Operand::new(x, d), true);
                let da = NativeF32::chunks(da).iter();
                for (a, da) in a[..p].iter_mut().zip(da) {
                    *a += rate * NativeF32::load(da).sum();
                }
                squares
            }
            Layout::Np => {
                let w_transposed = Operand::transposed(w, d);
                gemm.product((z, ld), [n, p, d], Operand::new(x, d), w_transposed, false);
                let squares = samples_by_neurons(z, ld, a, pull, y, s, da);
                let z = Operand::transposed(z, ld);
                gemm.product((w, d), [p, d, n], z, Operand::new(x, d), true);
                for (a, da) in a.iter_mut().zip(da.iter()) {
                    *a += rate * da;
                }
                squares
            }
        };
        f64::from(squares) / (2.0 * n as f64)
    }
}

/// The pass over z (p x n): replaces it by the factor of x in dw, adds to da, returns sum r^2.
fn neurons_by_samples(
    z: &mut [f32],
    ld: usize,
    a: &[f32],
    pull: &[f32],
    y: &[f32],
    s: f32,
    da: &mut [f32],
) -> f32 {
    const WIDE: usize = 4;
    let (mut squares, mut first) = (NativeF32::zero(), 0);
    let (y, da) = (NativeF32::chunks(y), NativeF32::chunks_mut(da));
    while first + WIDE <= y.len() {
        squares += panel::<WIDE>(z, ld, first, a, pull, y, s, da);
        first += WIDE;
    }
    while first < y.len() {
        squares += panel::<1>(z, ld, first, a, pull, y, s, da);
        first += 1;
    }
    squares.sum()
}

/// `U` registers of samples, from register `first` on.
#[expect(clippy::too_many_arguments)]
#[inline(always)]
fn panel<const U: usize>(
    z: &mut [f32],
    ld: usize,
    first: usize,
    a: &[f32],
    pull: &[f32],
    y: &[Chunk],
    s: f32,
    da: &mut [Chunk],
) -> NativeF32 {
    let mut h = [NativeF32::zero(); U];
    for (z, &a) in z.chunks_exact(ld).zip(a) {
        let a = NativeF32::splat(a);
        for (h, z) in h.iter_mut().zip(&NativeF32::chunks(z)[first..first + U]) {
            *h = a.mul_add(NativeF32::load(z).relu(), *h);
        }
    }
    let (mut r, mut squares) = (h, NativeF32::zero());
    for (r, y) in r.iter_mut().zip(&y[first..first + U]) {
        *r = NativeF32::load(y) - NativeF32::splat(s) * *r;
        squares = r.mul_add(*r, squares);
    }
    for ((z, &pull), da) in z.chunks_exact_mut(ld).zip(pull).zip(da) {
        let (pull, mut sum) = (NativeF32::splat(pull), NativeF32::load(da));
        for (&r, z) in r.iter().zip(&mut NativeF32::chunks_mut(z)[first..first + U]) {
            let here = NativeF32::load(z);
            sum = r.mul_add(here.relu(), sum);
            (pull * r).gate(here).store(z);
        }
        sum.store(da);
    }
    squares
}

/// The same for z (n x p).
fn samples_by_neurons(
    z: &mut [f32],
    ld: usize,
    a: &[f32],
    pull: &[f32],
    y: &[f32],
    s: f32,
    da: &mut [f32],
) -> f32 {
    let (a, pull) = (NativeF32::chunks(a), NativeF32::chunks(pull));
    let mut squares = 0.0;
    for (z, y) in z.chunks_exact_mut(ld).zip(y) {
        let z = NativeF32::chunks_mut(z);
        let mut h = NativeF32::zero();
        for (z, a) in z.iter().zip(a) {
            h = NativeF32::load(a).mul_add(NativeF32::load(z).relu(), h);
        }
        let r = y - s * h.sum();
        squares += r * r;
        let r = NativeF32::splat(r);
        let da = NativeF32::chunks_mut(da).iter_mut();
        for ((z, pull), da) in z.iter_mut().zip(pull).zip(da) {
            let here = NativeF32::load(z);
            r.mul_add(here.relu(), NativeF32::load(da)).store(da);
            (NativeF32::load(pull) * r).gate(here).store(z);
        }
    }
    squares
}
