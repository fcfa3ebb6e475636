//! What the paper states, in the order of its text, and what shows it here.
use lab::Evidence::{Run, Test, Verdict};
use lab::State::{Beyond, Open, Partly, Refuted, Shown};
use lab::Statement;

/// Corollaries 3.1.1 and 3.1.2 are the theorem for other activations, 3.2.1 for three architectures.
pub static STATEMENTS: &[Statement] = &[
    Statement {
        number: "Theorem 1.1",
        says: "informally: with P >= nM and absolutely continuous start and inputs the loss falls exponentially with probability 1",
        under: "P >= nM",
        state: Partly("as Theorem 3.1, which is its exact form"),
        shown_by: &[Verdict("general-dnn", "every network's error falls")],
    },
    Statement {
        number: "(1)",
        says: "networks are f = g_L(σ(… g_2(σ(g_1(X, θ))) …)) with polynomials g_i: the last layer is not activated",
        under: "σ continuous, piecewise polynomial, zero at finitely many values",
        state: Shown,
        shown_by: &[
            Test("host-runner/papers/general/src/shared/family.rs::sizes_are_the_papers"),
            Test("tests/tests/deep/main.rs::uniform_starts_have_their_bounds"),
        ],
    },
    Statement {
        number: "(2)",
        says: "training is the flow dθ/dt = -∇L of L = 1/2 Σ_j |f(X_j, θ) - y_j|²; the experiments descend with lr = 1e-5",
        under: "",
        state: Shown,
        shown_by: &[
            Verdict("general-dnn", "the first step is -lr grad L"),
            Verdict("general-dnn", "log L falls by the integral"),
            Verdict("general-dnn", "gradient descent follows the flow"),
        ],
    },
    Statement {
        number: "Lemma 2.1",
        says: "for almost all starts and data the flow has one solution for all time, continuous, piecewise differentiable and a diffeomorphism off a null set",
        under: "(1)",
        state: Open(
            "a leaky relu kink that attracts from both sides stops the flow of a unit on it, where solutions merge and no flow back exists: docs/general.md measures units at rest there, no verdict counts them",
        ),
        shown_by: &[],
    },
    Statement {
        number: "Figure 1",
        says: "the error stays below its exponential",
        under: "",
        state: Open(
            "a sketch in the paper; the error beside e^(-λ₀t) in one picture, at a size where λ₀ is known",
        ),
        shown_by: &[],
    },
    Statement {
        number: "Figure 2",
        says: "the solution is continued from piece to piece of parameter space",
        under: "",
        state: Beyond("a drawing of the proof's idea"),
        shown_by: &[],
    },
    Statement {
        number: "Theorem 3.1",
        says: "|y - F_t| <= e^(-λ₀t) |y - F_0| on [0, T], λ₀ > 0 the least λ_min(G) on the way",
        under: "P >= nM, almost surely in start and inputs",
        state: Partly(
            "the inequality holds with the λ₀ that is measured; that λ₀ > 0 fails for an open set of starts, see Lemma 3.2. At the paper's sizes only upper bounds of λ₀ are known",
        ),
        shown_by: &[
            Verdict("general-dnn", "|y - F_t| is at most e^(-lambda0 t) |y - F_0|"),
            Verdict("general-resnet", "|y - F_t| is at most e^(-lambda0 t) |y - F_0|"),
            Verdict("general-gcn", "|y - F_t| is at most e^(-lambda0 t) |y - F_0|"),
            Verdict("general-dnn", "lambda_min(G) <= r^T G r/|r|^2 <= lambda_max(G)"),
        ],
    },
    Statement {
        number: "(3)",
        says: "the inequality of Theorem 3.1",
        under: "as Theorem 3.1",
        state: Shown,
        shown_by: &[Run("general-dnn")],
    },
    Statement {
        number: "(4)",
        says: "predictions move by df(X_i)/dt = Σ_j (∂f_i/∂θ)ᵀ (∂f_j/∂θ) (y_j - f(X_j))",
        under: "",
        state: Shown,
        shown_by: &[Test("tests/tests/deep/tangent.rs::the_rate_is_the_quotient_at_the_residual")],
    },
    Statement {
        number: "(5)",
        says: "dF/dt = G (y - F), G = JJᵀ the tangent kernel",
        under: "",
        state: Shown,
        shown_by: &[Verdict("general-dnn", "the rate -dL/dt/(2L) is r^T G r/|r|^2")],
    },
    Statement {
        number: "(6)",
        says: "d|y - F|²/dt = -2 rᵀGr <= -2 λ₀ |y - F|²",
        under: "",
        state: Shown,
        shown_by: &[Verdict("general-dnn", "the rate -dL/dt/(2L) is r^T G r/|r|^2")],
    },
    Statement {
        number: "Corollary 3.1.1",
        says: "Theorem 3.1 for relu",
        under: "P >= nM",
        state: Refuted(
            "two inputs that no unit sees make G singular for all time, for an open set of starts: 29 % of those with n = 4, H = 2",
        ),
        shown_by: &[
            Verdict("general-singular", "contradicted: with relu G is almost surely not singular"),
            Verdict(
                "general-singular",
                "every network with two inputs that no unit sees is singular",
            ),
        ],
    },
    Statement {
        number: "Corollary 3.1.2",
        says: "Theorem 3.1 for sigmoid",
        under: "P >= nM",
        state: Partly(
            "G is regular at the start, as it says; no sigmoid network is trained by general-dnn",
        ),
        shown_by: &[Verdict("general-singular", "with sigmoids, which are analytic")],
    },
    Statement {
        number: "Lemma 3.2",
        says: "G(t) is positive definite almost surely, for all t",
        under: "P >= nM; start and inputs absolutely continuous",
        state: Refuted(
            "three inputs in one linear piece make G singular, for an open set of starts: 82 % of those with n = 4, H = 2",
        ),
        shown_by: &[
            Verdict("general-singular", "contradicted: G is almost surely not singular"),
            Verdict(
                "general-singular",
                "every network with three inputs in one linear piece is singular",
            ),
        ],
    },
    Statement {
        number: "Corollary 3.2.1",
        says: "the networks: dense W X + B; residual X + W X + B; graph convolutions D^(1/2) A D^(1/2) X W + B with a B for each node",
        under: "as Theorem 3.1, P >= nM counted for each",
        state: Partly(
            "general-gcn has one bias a feature, shared by the nodes (P = 14475 at [25, 25]); with a bias for each node, as the corollary has it, P = 114375 and none of the widths of Figure 3 would have P < nM: the ablation of its text needs shared ones. The latter are not offered",
        ),
        shown_by: &[
            Verdict("general-resnet", "|y - F_t| is at most e^(-lambda0 t) |y - F_0|"),
            Verdict("general-gcn", "the eigenvalues of D^(-1/2) A D^(-1/2)"),
            Test(
                "host-runner/papers/general/src/shared/family.rs::residual_weights_are_around_the_identity",
            ),
            Test("tests/tests/deep/tangent.rs::a_graph_is_normalised"),
        ],
    },
    Statement {
        number: "Section 4",
        says: "uniform inputs in a ball, normal labels, leaky relu, PyTorch's default start, lr = 1e-5, 10000 epochs, n = 1000",
        under: "",
        state: Partly(
            "slope, radius, seed and the sizes between the first and the last are not printed; ours are named in the notes",
        ),
        shown_by: &[Run("general-dnn"), Run("general-resnet"), Run("general-gcn")],
    },
    Statement {
        number: "Figure 3",
        says: "errors of dense, residual and graph networks against epochs, nearer to an exponential the more parameters",
        under: "the settings of Section 4",
        state: Partly(
            "every curve falls; that they come nearer to an exponential has no verdict; the paper gives its curves as pictures only",
        ),
        shown_by: &[
            Verdict("general-dnn", "every network's error falls"),
            Verdict("general-resnet", "every network's error falls"),
            Verdict("general-gcn", "every network's error falls"),
        ],
    },
    Statement {
        number: "Theorem A.1",
        says: "the flow meets a set of codimension 2 from almost no start",
        under: "",
        state: Beyond("a statement of measure about all starts"),
        shown_by: &[],
    },
    Statement {
        number: "Theorem A.2",
        says: "Jackson's inequality",
        under: "",
        state: Beyond("quoted from a book"),
        shown_by: &[],
    },
    Statement {
        number: "Theorem A.3",
        says: "the flow does not blow up: |θ(s) - θ(0)|² <= s L(θ(0))",
        under: "",
        state: Open("a verdict on |θ(s) - θ(0)|² / (s L(0)), which the runs could give"),
        shown_by: &[],
    },
    Statement {
        number: "(14)",
        says: "dL/dt = -|∇L|²",
        under: "",
        state: Shown,
        shown_by: &[
            Test("tests/tests/deep/main.rs::the_reported_rate_is_that_of_the_loss"),
            Verdict("general-dnn", "log L falls by the integral"),
        ],
    },
    Statement {
        number: "Theorem A.4",
        says: "piecewise differentiable maps keep null sets null",
        under: "",
        state: Beyond("a statement of measure theory"),
        shown_by: &[],
    },
];
