//! What the paper states, in the order of its text, and what shows it here.
use lab::Evidence::{Run, Test, Verdict};
use lab::State::{Open, Partly, Shown};
use lab::Statement;

/// The ledger.
pub static STATEMENTS: &[Statement] = &[
    Statement {
        number: "Section 1",
        says: "with m fixed and n → ∞ λ_min(K) is 0, and R(K*; ∇ℓ, ∇ℓ) may stay away from 0 all the same",
        under: "fewer parameters than samples",
        state: Shown,
        shown_by: &[
            Verdict("rayleigh-periodic", "on more samples than parameters lambda_min(K) is 0"),
            Verdict("rayleigh-periodic", "and R(K*; h, h) stays all the same"),
            Verdict("rayleigh-periodic", "which it comes to: on 10000 samples"),
        ],
    },
    Statement {
        number: "Definition 2.1",
        says: "network map: F from parameters, a space with an inner product, to functions",
        under: "",
        state: Shown,
        shown_by: &[Run("rayleigh-lemniscate"), Run("rayleigh-twolayer"), Run("rayleigh-periodic")],
    },
    Statement {
        number: "Definition 2.2",
        says: "⟨g, h⟩_D = E g(x) h(x) over the data: samples, or a window",
        under: "",
        state: Shown,
        shown_by: &[
            Run("rayleigh-linear"),
            Test(
                "host-runner/papers/rayleigh/src/shared/waves.rs::a_quotient_is_split_by_the_width_of_the_window",
            ),
        ],
    },
    Statement {
        number: "Definition 2.3",
        says: "gradient flow: dθ/dt = −∇L, so that −dL/dt = ‖∇L‖₂²",
        under: "L differentiable",
        state: Shown,
        shown_by: &[
            Verdict("rayleigh-linear", "L(0) - L(t) is the integral of |grad L|^2"),
            Verdict("rayleigh-lemniscate", "L(0) - L(t) is the integral of |grad L|^2"),
            Verdict("rayleigh-logistic", "L(0) - L(t) is the integral of |grad L|^2"),
            Verdict("rayleigh-twolayer", "L(0) - L(t) is the integral of |grad L|^2"),
            Verdict("rayleigh-periodic", "L(0) - L(t) is the integral of |grad L|^2"),
        ],
    },
    Statement {
        number: "Definition 2.4",
        says: "tangent kernel K_θ(x, x') = ⟨∇F_θ(x), ∇F_θ(x')⟩ and its form K*(g, h) over the data",
        under: "F differentiable",
        state: Shown,
        shown_by: &[Run("rayleigh-linear"), Run("rayleigh-periodic")],
    },
    Statement {
        number: "Definition 2.5",
        says: "a loss that depends on the data only has a gradient ∇ℓ with ⟨∇ℓ_f, g⟩_D = dℓ_f(g)",
        under: "ℓ differentiable",
        state: Shown,
        shown_by: &[Run("rayleigh-linear"), Run("rayleigh-logistic")],
    },
    Statement {
        number: "Proposition 3.1",
        says: "dφ(L) ‖∇L‖₂² ≥ μ gives L(t) ≤ φ⁻¹(φ(L(0)) − μ t), and φ → −∞ at 0",
        under: "the flow stays where the inequality holds; φ increasing",
        state: Partly(
            "φ is log, that of logistic regression or −L⁻³ only; none of the reader's own",
        ),
        shown_by: &[
            Verdict("rayleigh-linear", "L is never above L(0) e^(-4 lambda t)"),
            Verdict("rayleigh-logistic", "L is never above its bound"),
            Verdict(
                "rayleigh-twolayer",
                "L is never above eps + ((L_0 - eps)^-3 + kappa t)^(-1/3)",
            ),
        ],
    },
    Statement {
        number: "Definition 3.2",
        says: "Rayleigh quotient R(A; x, y) = A(x, y) / (‖x‖ ‖y‖), with x and y of two spaces",
        under: "‖x‖, ‖y‖ not 0",
        state: Shown,
        shown_by: &[
            Test("host-runner/papers/rayleigh/src/shared/families.rs::by_hand"),
            Run("rayleigh-periodic"),
        ],
    },
    Statement {
        number: "Proposition 3.3",
        says: "an inequality for ℓ and R(K*; ∇ℓ, ∇ℓ) ≥ μ make one for ℓ ∘ F",
        under: "dφ(ℓ) ‖∇ℓ‖² ≥ 1 on the image of F",
        state: Shown,
        shown_by: &[
            Verdict("rayleigh-linear", "L is never above L(0) e^(-4 lambda t)"),
            Verdict("rayleigh-logistic", "-dL/dt is never below eps^2 kappa^2 (1 - e^(-L))^2"),
        ],
    },
    Statement {
        number: "Proposition 3.4",
        says: "R(K*; h, h) = sup over ν of R(dF*; ν, h)²",
        under: "‖h‖ not 0",
        state: Shown,
        shown_by: &[
            Verdict("rayleigh-linear", "sqrt R(K*; h, h) is R(dF*; v, h) along v = D^T h"),
            Verdict("rayleigh-linear", "and for no v in a random span more"),
        ],
    },
    Statement {
        number: "Proposition 3.5",
        says: "R(K*; h, h) ≥ μ² λ: a squared cosine times a squared singular value",
        under: "some ν of a subspace has cos(dF ν, h) ≥ μ; λ is least over the subspace",
        state: Shown,
        shown_by: &[
            Verdict("rayleigh-linear", "|D^T h|/|h| is never below gain x cosine"),
            Verdict("rayleigh-linear", "the squared gain of Proposition 3.5 is lambda_min^+"),
        ],
    },
    Statement {
        number: "Proposition 3.6",
        says: "max over Span(a) of R(dF*; ν, h) ≥ λ_min(R(dF a_i, g_j)) min ‖dF a_i‖/‖a_i‖ / √(λ_max(R(a_i, a_j)) λ_max(R(g_i, g_j)))",
        under: "h in Span(g), as many a_i as g_j",
        state: Shown,
        shown_by: &[
            Verdict(
                "rayleigh-linear",
                "max over span(a) of R(dF*; v, h) is never below the printed bound",
            ),
            Verdict(
                "rayleigh-linear",
                "with singular directions the three matrices are the identity",
            ),
            Test("host-runner/papers/rayleigh/src/shared/families.rs::by_hand"),
        ],
    },
    Statement {
        number: "Proposition 4.1",
        says: "least squares: L(t) ≤ L(0) e^(−4 λ_min⁺(A) t), A = E x xᵀ, and some data attain it",
        under: "linear model and target",
        state: Shown,
        shown_by: &[
            Verdict("rayleigh-linear", "L is never above L(0) e^(-4 lambda t)"),
            Verdict("rayleigh-linear", "from the eigenvector, L is the bound throughout"),
        ],
    },
    Statement {
        number: "Figure 1",
        says: "graphs of (θ, F(θ)) of both parameterisations, with 11 dots regularly spaced on [−1, 1]",
        under: "",
        state: Open("a picture in three dimensions"),
        shown_by: &[],
    },
    Statement {
        number: "Section 4.2",
        says: "with one parameter K has rank one and λ_min(K) = 0, and the loss goes to 0 all the same",
        under: "Bernoulli's lemniscate, samples on a line",
        state: Shown,
        shown_by: &[Verdict("rayleigh-lemniscate", "l goes to 0 at a kernel of rank one")],
    },
    Statement {
        number: "Figure 2",
        says: "the lemniscate with the level sets of ℓ and both minima; loss over time of both parameterisations",
        under: "t = (4, −1), f*(t) = −3, θ(0) = 0, step 10⁻³",
        state: Shown,
        shown_by: &[
            Verdict("rayleigh-lemniscate", "descent at step 1e-3 falls at the flow's rate"),
            Run("rayleigh-lemniscate"),
        ],
    },
    Statement {
        number: "Proposition 4.2",
        says: "ℓ ≤ ℓ(0) exp(−4 μ₀² λ* t) with λ_S* = 1/2 and λ_L* = ‖∇F_L(θ_L*)‖₂², 4.05·10⁻³ in Figure 2",
        under: "u > 0, |v| < |u|, y ≤ 0, two solutions on the lemniscate, θ(0) = 0",
        state: Shown,
        shown_by: &[
            Verdict("rayleigh-lemniscate", "circle: l is never above l(F(0)) e^(-rate t)"),
            Verdict("rayleigh-lemniscate", "line: l is never above l(F(0)) e^(-rate t)"),
            Verdict("rayleigh-lemniscate", "lambda_L* = inf |F_L'|^2 of the path"),
            Verdict("rayleigh-lemniscate", "lambda_S* = 1/2 = inf |F_S'|^2 of the path"),
        ],
    },
    Statement {
        number: "Definition 4.3",
        says: "Y is κ-isolated where P(Y ≥ E Y) ≥ κ; then E ψ(Y) ≥ κ ψ(E Y) for increasing ψ ≥ 0",
        under: "finite support: κ is the least probability",
        state: Shown,
        shown_by: &[Test(
            "host-runner/papers/rayleigh/src/logistic.rs::a_finite_variable_is_isolated_by_its_least_probability",
        )],
    },
    Statement {
        number: "Definition 4.4",
        says: "ε-separating ray ζ: one class leads all others by ε ‖ζ‖₂ at every sample",
        under: "",
        state: Shown,
        shown_by: &[
            Verdict("rayleigh-logistic", "a margin is positive"),
            Test(
                "host-runner/papers/rayleigh/src/shared/separable.rs::margins_are_those_of_the_authors_code",
            ),
        ],
    },
    Statement {
        number: "Proposition 4.5",
        says: "logistic regression: L(t) ≤ log(1 + 1/W₀(exp(ε² κ² t − C)))",
        under: "κ-isolated losses, an ε-separating ray along which L goes to 0",
        state: Partly("three built-in data sets; none of the reader's own"),
        shown_by: &[
            Verdict("rayleigh-logistic", "L is never above its bound"),
            Verdict("rayleigh-logistic", "-dL/dt is never below eps^2 kappa^2 (1 - e^(-L))^2"),
            Verdict("rayleigh-logistic", "at t = 0 the bound is L(0)"),
        ],
    },
    Statement {
        number: "Proposition 4.6",
        says: "‖∇L‖₂² ≥ (L − ε)₊² / (‖θ − θ₀‖₂ + c)² in a ball, and L ≤ ε₀ + (L(0)⁻³ + κ t)^(−1/3)",
        under: "σ Lipschitz and no polynomial, f* continuous, data in a compact set, m large for ε, δ and the ball",
        state: Partly(
            "m > n with normal targets, ε measured on the path, where convexity in the outer weights gives the inequality; \
             no δ, no ball, no m(ε, δ, R), no data but samples",
        ),
        shown_by: &[
            Verdict(
                "rayleigh-twolayer",
                "outer: |grad L|^2 is never below (L - eps)^2/(|theta - theta_0| + c)^2",
            ),
            Verdict(
                "rayleigh-twolayer",
                "both: L is never above eps + ((L_0 - eps)^-3 + kappa t)^(-1/3)",
            ),
        ],
    },
    Statement {
        number: "Section 4.5",
        says: "a sum of sines is recovered on all of ℝ from a window; x₀ is the first zero of sinc''",
        under: "frequencies known to within η/R",
        state: Shown,
        shown_by: &[
            Verdict(
                "rayleigh-periodic",
                "the flow from within eta recovers the signal in 100 windows",
            ),
            Verdict("rayleigh-periodic", "phi(x_0) = 0"),
        ],
    },
    Statement {
        number: "Proposition 4.7",
        says: "R(K*; ∇ℓ, ∇ℓ) ≥ α (φ(η) − 1/(μ−η)) (κ₀ − ρ₀)² / (1 + ρ₀), and κ₀ > ρ₀ for μ > μ₀ and some η; it holds with the factor min(1, R²/2), and fails without it for small R",
        under: "η ≤ x₀, η < μ/2, ω* μ/R-separated, (ω, ω*) η/R-paired, a_k² ≥ α; read with ω > 0",
        state: Shown,
        shown_by: &[
            Verdict(
                "rayleigh-periodic",
                "with the factor min(1, R^2/2) the printed bound holds at every R",
            ),
            Verdict("rayleigh-periodic", "as printed it fails for small R only"),
            Verdict("rayleigh-periodic", "nor is |w_i - w_j| the separation that it needs"),
            Verdict("rayleigh-periodic", "for every mu above mu_0 some eta has kappa_0 > rho_0"),
            Test(
                "host-runner/papers/rayleigh/src/shared/region.rs::constants_are_those_that_are_printed",
            ),
            Test(
                "host-runner/papers/rayleigh/src/shared/waves.rs::the_printed_bound_holds_from_the_square_root_of_two_on",
            ),
        ],
    },
];
