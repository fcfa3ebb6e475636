//! What the paper states, in the order of its text, and what shows it here.
use lab::Evidence::{Run, Test, Verdict};
use lab::State::{Beyond, Open, Partly, Shown};
use lab::Statement;

/// Of the rates.
const ONLY_HYPENTROPIES: &str = "hypentropies from T₀ = 0 only, the whole domain as the ball";

/// The ledger.
pub static STATEMENTS: &[Statement] = &[
    Statement {
        number: "Definition 2.1",
        says: "minimisers of F inside the domain, and those that may lie on its boundary",
        under: "",
        state: Partly("inside only; see Theorem 2.3"),
        shown_by: &[Run("mirror-projection")],
    },
    Statement {
        number: "Theorem 2.2",
        says: "the mirror flow converges to the Bregman projection of its start onto the minimisers",
        under: "a Legendre potential whose gradient is onto, a minimiser inside the domain",
        state: Partly("hypentropies with r > 0 only"),
        shown_by: &[
            Verdict("mirror-projection", "the flow from 0 ends at the Bregman projection of 0"),
            Verdict("mirror-linear", "the flow comes to the Bregman projection of its start"),
            Verdict("mirror-sublinear", "the flow comes to the Bregman projection of its start"),
            Verdict("mirror-wide", "the flow comes to the Bregman projection of its start"),
        ],
    },
    Statement {
        number: "(1)",
        says: "that projection: least D_ϕ(β, β₀) among the minimisers",
        under: "",
        state: Shown,
        shown_by: &[Verdict(
            "mirror-projection",
            "the flow from 0 ends at the Bregman projection of 0",
        )],
    },
    Statement {
        number: "(2)",
        says: "d/dt D_ϕ(β̄, β) = ⟨∇F(β), β̄ − β⟩ ≤ −(F(β) − F(β̄))",
        under: "β̄ a minimiser inside the domain",
        state: Shown,
        shown_by: &[
            Verdict("mirror-linear", "D(0) - D(t) is 4 times the integral of F"),
            Verdict("mirror-wide", "D(0) - D(t) is 4 times the integral of F"),
        ],
    },
    Statement {
        number: "(3)",
        says: "F(β(t)) − F(β̄) ≤ D_ϕ(β̄, β(0)) / t",
        under: "β̄ a minimiser inside the domain",
        state: Shown,
        shown_by: &[
            Verdict("mirror-linear", "F is never above D(0)/t"),
            Verdict("mirror-sublinear", "F is never above D(0)/t"),
            Verdict("mirror-wide", "F is never above D(0)/t"),
        ],
    },
    Statement {
        number: "Theorem 2.3",
        says: "the same where the minimisers lie on the boundary of the domain",
        under: "the potential extends continuously to the boundary",
        state: Open(
            "a flow at r = 0 whose least-squares solutions have coordinates of another sign than its start",
        ),
        shown_by: &[],
    },
    Statement {
        number: "(4)",
        says: "the projection of Theorem 2.3",
        under: "",
        state: Open("as Theorem 2.3"),
        shown_by: &[],
    },
    Statement {
        number: "(5)",
        says: "(3) with β̄ on the boundary",
        under: "",
        state: Open("as Theorem 2.3"),
        shown_by: &[],
    },
    Statement {
        number: "Lemma 2.4",
        says: "the Bregman divergence of least squares is ½‖X(β₀ − β₁)‖₂², and symmetric",
        under: "",
        state: Shown,
        shown_by: &[Test(
            "host-runner/papers/mirror/src/shared/mod.rs::the_divergence_of_least_squares_is_symmetric",
        )],
    },
    Statement {
        number: "Lemma 2.5",
        says: "D_F ≥ (κ/2) D_ϕ^θ near β* gives dD_ϕ/dt ≤ −κ D_ϕ^θ from a finite T₀ on",
        under: "a minimiser inside the domain",
        state: Partly("θ = 1, 2 by way of Lemmas 3.6 and 3.7; κ is not measured along the flow"),
        shown_by: &[
            Verdict("mirror-linear", "D is never above D(0) exp(-kappa_1 t)"),
            Verdict("mirror-sublinear", "D is never above 1/(kappa_2 t + 1/D(0))"),
        ],
    },
    Statement {
        number: "(6)",
        says: "d/dt D_ϕ(β*, β) ≤ −2 D_F(β*, β)",
        under: "as Lemma 2.5",
        state: Shown,
        shown_by: &[
            Verdict("mirror-linear", "D(0) - D(t) is 4 times the integral of F"),
            Verdict("mirror-sublinear", "D(0) - D(t) is 4 times the integral of F"),
        ],
    },
    Statement {
        number: "Theorem 2.6",
        says: "D_ϕ ≤ D_ϕ(T₀) exp(−(t − T₀) / (L_ϕ ‖X^⊤†‖²))",
        under: "∇ϕ is L_ϕ-Lipschitz near β*",
        state: Partly(ONLY_HYPENTROPIES),
        shown_by: &[Verdict("mirror-linear", "D is never above D(0) exp(-kappa_1 t)")],
    },
    Statement {
        number: "Theorem 2.7",
        says: "D_ϕ ≤ 1 / (κ₂ (t − T₀) + 1/D_ϕ(T₀)), κ₂ = 1 / (C_ϕ² ‖X^⊤†‖²)",
        under: "‖∇ϕ(β) − ∇ϕ(β*)‖ ≤ C_ϕ near β*",
        state: Partly(ONLY_HYPENTROPIES),
        shown_by: &[Verdict("mirror-sublinear", "D is never above 1/(kappa_2 t + 1/D(0))")],
    },
    Statement {
        number: "Definition 3.1",
        says: "hypentropy x arcsinh(x/α) − √(x² + α²) + α, and |x| log|x| − |x| + 1 for α = 0",
        under: "",
        state: Shown,
        shown_by: &[HYPENTROPY],
    },
    Statement {
        number: "Definition 3.2",
        says: "its sum over coordinates, each with an α of its own",
        under: "",
        state: Shown,
        shown_by: &[HYPENTROPY, Run("mirror-projection")],
    },
    Statement {
        number: "Figure 1",
        says: "hypentropies of one coordinate, and level sets in two: like ℓ₁ for small r, like ℓ₂ for large",
        under: "values of r are not printed",
        state: Shown,
        shown_by: &[
            Verdict(
                "mirror-projection",
                "level sets of Phi_r through (1, 0) are circles for large r",
            ),
            Verdict("mirror-projection", "and squares on their corner for small r"),
        ],
    },
    Statement {
        number: "Lemma 3.3",
        says: "hypentropies are of Legendre type, with gradients onto ℝᵏ",
        under: "(α_i, z_i) not (0, 0)",
        state: Shown,
        shown_by: &[HYPENTROPY],
    },
    Statement {
        number: "Theorem 3.4",
        says: "β = a b of the network's gradient flow is the mirror flow with potential ½Φ_r, r = ½(a² − b²)",
        under: "fixed directions, a(0) > |b(0)|",
        state: Shown,
        shown_by: &[
            Verdict(
                "mirror-linear",
                "beta = a b of the network's gradient flow is that of the mirror flow",
            ),
            Verdict(
                "mirror-sublinear",
                "beta = a b of the network's gradient flow is that of the mirror flow",
            ),
            Verdict(
                "mirror-wide",
                "beta = a b of the network's gradient flow is that of the mirror flow",
            ),
        ],
    },
    Statement {
        number: "Lemma 3.5",
        says: "neurons of equal directions merge: β_k = Σ a_j b_j, with r_k by a double sum",
        under: "fixed directions, a(0) > |b(0)|",
        state: Partly("r and β of merged neurons; no experiment has equal directions"),
        shown_by: &[Test(
            "host-runner/papers/mirror/src/shared/mod.rs::merged_neurons_have_the_printed_r",
        )],
    },
    Statement {
        number: "Lemma 3.6",
        says: "D ≤ D(0) e^(−κ t), κ = inf r / ‖X^⊤†‖²",
        under: "X of rank n, inf r > 0",
        state: Shown,
        shown_by: &[
            Verdict("mirror-linear", "D is never above D(0) exp(-kappa_1 t)"),
            Verdict("mirror-sublinear", "D is never above D(0) exp(-kappa_1 t)"),
            Verdict("mirror-wide", "D is never above D(0) exp(-kappa_1 t)"),
        ],
    },
    Statement {
        number: "Lemma 3.7",
        says: "D ≤ 1 / (κ t + 1/D(0)), κ = 1 / (C² ‖X^⊤†‖²), C = 2m log(1 + 2M/(m inf r))",
        under: "X of rank n, inf r > 0, ‖β(t)‖₁ ≤ M",
        state: Shown,
        shown_by: &[
            Verdict("mirror-linear", "D is never above 1/(kappa_2 t + 1/D(0))"),
            Verdict("mirror-sublinear", "D is never above 1/(kappa_2 t + 1/D(0))"),
            Verdict("mirror-wide", "D is never above 1/(kappa_2 t + 1/D(0))"),
        ],
    },
    Statement {
        number: "Figure 2",
        says: "D over time with both bounds: inf r .13, ‖X^⊤†‖ 1.5, κ₁ .062, κ₂ 1.7·10⁻⁵, M 14",
        under: "n = 20, d = 50, m = 50, α = 1",
        state: Shown,
        shown_by: &[
            Verdict("mirror-linear", "median kappa1"),
            Verdict("mirror-linear", "median kappa2"),
            Verdict("mirror-linear", "median l1_max"),
        ],
    },
    Statement {
        number: "Figure 3",
        says: "the same from a tiny start: inf r 6.9·10⁻⁹, ‖X^⊤†‖ 1.9, κ₁ 1.8·10⁻⁹, κ₂ 4.7·10⁻⁷, M 6.2",
        under: "n = 10, d = 100, m = 20, α = 10⁻⁴",
        state: Shown,
        shown_by: &[
            Verdict("mirror-sublinear", "median kappa1"),
            Verdict("mirror-sublinear", "median kappa2"),
            Verdict("mirror-sublinear", "median l1_max"),
        ],
    },
    Statement {
        number: "Section 5.1",
        says: "for other convex objectives the limit need not be the projection; for least squares D(β*, β) − D(β̄, β) is constant",
        under: "",
        state: Open("a flow of another objective, and that difference along one of least squares"),
        shown_by: &[],
    },
    Statement {
        number: "Lemma 5.1",
        says: "F = μ/(n(n+1)) x^(n+1) with x log x − x: F falls as t^(−(n+1)/n) and D as t^(−1/n), as slowly as one likes",
        under: "x > 0",
        state: Shown,
        shown_by: &[
            Verdict(
                "mirror-projection",
                "F is mu/(n (n + 1)) (c + mu t)^(-(n+1)/n) for n = 1, 3, 10",
            ),
            Verdict("mirror-projection", "D is (c + mu t)^(-1/n) for n = 1, 3, 10"),
            Verdict("mirror-projection", "so that D falls as slowly as one likes"),
            Test(
                "host-runner/papers/mirror/src/shared/entropy.rs::the_formulas_are_those_of_the_lemma",
            ),
        ],
    },
    Statement {
        number: "Section 5.3",
        says: "with ½‖β‖₂² Theorem 2.6 is the bound of gradient flow but for a factor of two in the rate",
        under: "F strongly convex",
        state: Shown,
        shown_by: &[Test(
            "host-runner/papers/mirror/src/shared/mod.rs::with_half_the_squared_norm_the_rate_is_that_of_gradient_flow_but_for_two",
        )],
    },
    Statement {
        number: "Section 5.4",
        says: "‖X^⊤†‖ is infinite where X has less than full row rank, as for two equal samples; equal labels may do no harm",
        under: "",
        state: Open("features without full row rank, which are refused today"),
        shown_by: &[],
    },
    Statement {
        number: "Lemma A.1",
        says: "the mirror flow of least squares exists for all times and is unique",
        under: "a Legendre potential whose gradient is onto",
        state: Beyond("existence for all times is proved; a computed flow ends"),
        shown_by: &[],
    },
    Statement {
        number: "Lemma A.2",
        says: "where a² ≥ b² at the start the gradient flow exists and is unique, a² − b² is constant and a keeps its sign",
        under: "fixed directions",
        state: Partly("existence and uniqueness are proved, not computed"),
        shown_by: &[
            Verdict(
                "mirror-linear",
                "a^2 - b^2 of each neuron is conserved along the network's flow",
            ),
            Verdict(
                "mirror-sublinear",
                "a^2 - b^2 of each neuron is conserved along the network's flow",
            ),
            Verdict("mirror-wide", "and a never comes to 0"),
        ],
    },
    Statement {
        number: "Figure 4",
        says: "directions of the gradient field in the plane of (a, b), by the stability of its regions",
        under: "",
        state: Open("the picture; no figure here has arrows"),
        shown_by: &[],
    },
    Statement {
        number: "Figure 5",
        says: "how often all m neurons have |a| ≥ |b| at the start, over d, for Gaussian and uniform weights",
        under: "independent weights of one law",
        state: Shown,
        shown_by: &[
            Verdict("mirror-cone", "95 % intervals that hold the closed form"),
            Verdict("mirror-cone", "in 50 dimensions all of 1000 neurons qualify"),
        ],
    },
    Statement {
        number: "Lemma A.3",
        says: "the hypentropy's derivatives are arcsinh(x/α) and 1/√(x² + α²), and ±log|x| and 1/|x| for α = 0",
        under: "",
        state: Shown,
        shown_by: &[HYPENTROPY],
    },
    Statement {
        number: "Figure 6",
        says: "D over time with 1000 neurons, two examples: κ₁ 6.9·10⁻⁹ and 2.2·10⁻⁹, κ₂ 4.7·10⁻⁸ and 1.3·10⁻⁸, M 3.2 and 20",
        under: "d = 100, m = 1000, α = 10⁻⁴",
        state: Shown,
        shown_by: &[
            Verdict("mirror-wide", "the five constants of the first example are found"),
            Verdict("mirror-wide", "the five constants of the second example are found"),
        ],
    },
];

/// Definitions 3.1 and 3.2, Lemmas 3.3 and A.3.
const HYPENTROPY: lab::Evidence = Test(
    "host-runner/papers/mirror/src/shared/mod.rs::hypentropies_have_their_derivatives_and_are_of_legendre_type",
);
