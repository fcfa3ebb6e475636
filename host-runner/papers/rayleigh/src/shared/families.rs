//! Proposition 3.6 as it is printed, on random operators: k directions a_i and functions g_j with h in their span.
//!
//! max over v in span(a) of R(dF*; v, h) >= lambda_min(R(dF a_i, g_j)) min |dF a_i|/|a_i| / sqrt(lambda_max(R(a_i, a_j))
//! lambda_max(R(g_i, g_j))), where R(x, y) are cosines and lambda_min(A) = min u^T A u / u^T u is that of the symmetric part.
//! Beside it a bound of this project that needs no g: the least singular value of dF on span(a) times cos(h, dF span(a)).
use lab::statistics::{max, min};
use nalgebra::{DMatrix, DVector};
use reluflow::init::{Rng, normal, uniform};

/// What one draw shows.
#[derive(Debug, Clone, Copy)]
pub struct Family {
    /// max over v in span(a) of R(dF*; v, h).
    pub value: f64,
    /// The bound of the proposition.
    pub printed: f64,
    /// This project's.
    pub own: f64,
    /// sqrt R(K*; h, h) = |D^T h|/|h|.
    pub whole: f64,
    /// R(dF*; v, h) = <D v, h>/(|v| |h|) along v = D^T h.
    pub along: f64,
}

/// Columns of length 1.
fn unit(x: &DMatrix<f64>) -> DMatrix<f64> {
    let mut x = x.clone();
    x.column_iter_mut().for_each(|mut column| column /= column.norm());
    x
}

/// An orthonormal basis of the columns, which are independent.
fn basis(x: &DMatrix<f64>) -> DMatrix<f64> {
    x.clone().qr().q()
}

impl Family {
    /// For dF = `d`, n x p, and columns `a`, p x k, `g`, n x k, h = `g` `c`.
    pub fn of(d: &DMatrix<f64>, a: &DMatrix<f64>, g: &DMatrix<f64>, c: &DVector<f64>) -> Self {
        let h = g * c;
        let image = d * a;
        let cosines = unit(&image).transpose() * unit(g);
        let symmetric = 0.5 * (&cosines + cosines.transpose());
        let most = |x: &DMatrix<f64>| max(&(unit(x).transpose() * unit(x)).symmetric_eigenvalues());
        let gains =
            image.column_iter().zip(a.column_iter()).map(|(image, a)| image.norm() / a.norm());
        let printed =
            min(&symmetric.symmetric_eigenvalues()) * min(gains) / (most(a) * most(g)).sqrt();
        let v = basis(a);
        let turned = d * &v;
        let least = min(&turned.clone().svd(false, false).singular_values);
        let cosine = (basis(&turned).transpose() * &h).norm() / h.norm();
        let value = (v.transpose() * d.transpose() * &h).norm() / h.norm();
        let best = d.transpose() * &h;
        let (whole, size) = (best.norm() / h.norm(), best.norm() * h.norm());
        let along = (d * &best).dot(&h) / size;
        Self { value, printed, own: least * cosine, whole, along }
    }

    /// An operator of up to 12 x 12 and k <= 4. g is near dF a, the nearer the smaller `noise`, as it must be for the printed bound to
    /// say something.
    pub fn draw(rng: &mut impl Rng) -> Self {
        let mut size =
            |least: f64, most: f64| (least + (most + 1.0 - least) * uniform(rng)) as usize;
        let k = size(1.0, 4.0);
        let (n, p) = (size(k as f64, 12.0).max(k), size(k as f64, 12.0).max(k));
        let noise = 10f64.powf(-2.0 + 2.5 * uniform(rng));
        let mut matrix =
            |rows: usize, columns: usize| DMatrix::from_fn(rows, columns, |_, _| normal(rng));
        let (d, a, off, c) = (matrix(n, p), matrix(p, k), matrix(n, k), matrix(k, 1));
        let image = &d * &a;
        let scale = noise * image.norm() / off.norm();
        Self::of(&d, &a, &(image + scale * off), &c.column(0).into_owned())
    }

    /// The k largest singular directions of an operator and what they become: all three matrices are the identity, and both bounds are
    /// the k-th singular value; h is along it, so that they are attained.
    pub fn singular(rng: &mut impl Rng, k: usize) -> (Self, f64) {
        let d = DMatrix::from_fn(k + 3, k + 2, |_, _| normal(rng));
        let svd = d.clone().svd(true, true);
        let (Some(u), Some(v)) = (svd.u, svd.v_t) else {
            let none = f64::NAN;
            return (
                Self { value: none, printed: none, own: none, whole: none, along: none },
                none,
            );
        };
        let last = DVector::from_fn(k, |i, _| if i + 1 == k { 1.0 } else { 0.0 });
        let (a, g) = (v.transpose().columns(0, k).into_owned(), u.columns(0, k).into_owned());
        (Self::of(&d, &a, &g, &last), svd.singular_values[k - 1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reluflow::init::stream;

    /// D = diag(2, 1), a = e_1, e_2 and g = (1, 0), (1, 1)/sqrt 2: cosines (1, 1/sqrt 2; 0, 1/sqrt 2).
    #[test]
    fn by_hand() {
        let d = DMatrix::from_row_slice(2, 2, &[2.0, 0.0, 0.0, 1.0]);
        let a = DMatrix::identity(2, 2);
        let g = DMatrix::from_row_slice(2, 2, &[1.0, 1.0, 0.0, 1.0]);
        let got = Family::of(&d, &a, &g, &DVector::from_vec(vec![-1.0, 1.0]));
        // The symmetric part (1, s/2; s/2, s) with s = 1/sqrt 2; Gram matrices I and (1, s; s, 1).
        let s = 0.5f64.sqrt();
        let least = 0.5 * (1.0 + s) - (0.25 * (1.0 - s).powi(2) + 0.25 * s * s).sqrt();
        assert!((got.printed - least / (1.0 + s).sqrt()).abs() < 1e-14, "{got:?}");
        // h = e_2.
        assert!((got.value - 1.0).abs() < 1e-14 && (got.own - 1.0).abs() < 1e-14);
    }

    #[test]
    fn both_bounds_hold_and_singular_directions_attain_them() {
        let mut rng = stream(1, "families-test", 0, 0);
        for _ in 0..2000 {
            let got = Family::draw(&mut rng);
            assert!(got.value >= got.printed - 1e-12 && got.value >= got.own - 1e-12, "{got:?}");
        }
        for k in 1..5 {
            let (got, sigma) = Family::singular(&mut rng, k);
            for bound in [got.value, got.printed, got.own] {
                assert!((bound / sigma - 1.0).abs() < 1e-12, "{got:?} {sigma}");
            }
        }
    }
}
