//! What the paper states, in the order of its text, and what shows it here.
use lab::Evidence::{Run, Test, Verdict};
use lab::State::{Beyond, Open, Partly, Refuted, Shown};
use lab::Statement;

/// The ledger.
pub static STATEMENTS: &[Statement] = &[
    Statement {
        number: "(1)",
        says: "L = 1/(2n) Σ (h_θ(x_k) - y_k)², h_θ(x) = Σ_j a_j σ(⟨w_j, x⟩)",
        under: "",
        state: Shown,
        shown_by: &[Test("tests/tests/forward.rs::matches_the_oracle")],
    },
    Statement {
        number: "Assumption 1",
        says: "the inputs are orthonormal",
        under: "",
        state: Shown,
        shown_by: &[
            Test("host-runner/tests/train.rs::check_asserts_no_theorem_outside_its_hypotheses"),
            Test("tests/tests/geometry.rs::check_orthogonal_names_the_pair"),
        ],
    },
    Statement {
        number: "Assumption 2",
        says: "no target is 0, and positive and negative ones have different sums of squares",
        under: "",
        state: Shown,
        shown_by: &[Test(
            "host-runner/tests/train.rs::check_asserts_no_theorem_outside_its_hypotheses",
        )],
    },
    Statement {
        number: "(2)",
        says: "training is the flow θ' = -∇L(θ)",
        under: "relu'(0) = 0",
        state: Shown,
        shown_by: &[Run("orthogonal-two-point")],
    },
    Statement {
        number: "(3)",
        says: "a_j' = ⟨D_j, w_j⟩, w_j' = D_j a_j with D_j = Σ_k 1[⟨w_j, x_k⟩ > 0] r_k x_k / n",
        under: "",
        state: Shown,
        shown_by: &[Test("tests/tests/backward.rs::matches_the_oracle")],
    },
    Statement {
        number: "Lemma 1",
        says: "a_j² - ‖w_j‖² is conserved; a balanced start stays balanced, and no a_j changes its sign",
        under: "",
        state: Partly(
            "balance is in the certificate of every flow; that signs are kept has no verdict",
        ),
        shown_by: &[Test(
            "host-runner/papers/orthogonal/examples/balance.rs::its_table_is_consistent_and_its_controls_are_noticed",
        )],
    },
    Statement {
        number: "(4)",
        says: "the start: w_j = λ g_j with g_j ~ N(0, I), a_j = ±‖w_j‖",
        under: "",
        state: Shown,
        shown_by: &[Test("tests/tests/init.rs::balanced_is_balanced")],
    },
    Statement {
        number: "(5)",
        says: "S_{+,1}: neurons with a_j > 0 that see every sample with a positive target",
        under: "",
        state: Shown,
        shown_by: &[Verdict("orthogonal-phases", "Assumption 3 has the probability counted")],
    },
    Statement {
        number: "(6)",
        says: "S_{-,1}: the same for negative ones",
        under: "",
        state: Shown,
        shown_by: &[Verdict("orthogonal-phases", "Assumption 3 has the probability counted")],
    },
    Statement {
        number: "Assumption 3",
        says: "S_{+,1} and S_{-,1} are not empty; its probability for an isotropic start",
        under: "",
        state: Partly(
            "exact for every n, m in `check`; that m must be exponential in n is in the formula, no experiment draws it against n",
        ),
        shown_by: &[
            Verdict("orthogonal-phases", "Assumption 3 has the probability counted"),
            Test("tests/tests/geometry.rs::assumption_3_matches_the_sum_over_counts"),
        ],
    },
    Statement {
        number: "Theorem 1",
        says: "from a start below some λ* the loss goes to 0, and the limit λ → 0 of the limits is one interpolator θ* of minimum norm",
        under: "Assumptions 1, 2 and 3",
        state: Partly(
            "loss, norm and distance to the set of minimal points; that θ* is one point that does not depend on λ is Lemma 12",
        ),
        shown_by: &[
            Verdict("orthogonal-two-point", "the loss goes to 0"),
            Verdict("orthogonal-two-point", "the limit has the smallest norm of all interpolators"),
            Verdict("orthogonal-phases", "the network goes to the interpolator of smallest norm"),
        ],
    },
    Statement {
        number: "(7)",
        says: "θ* = lim lim θ^t minimises ‖θ‖² among interpolators",
        under: "as Theorem 1",
        state: Partly("as Theorem 1"),
        shown_by: &[Run("orthogonal-phases")],
    },
    Statement {
        number: "(8)",
        says: "min ½‖θ‖² over interpolators is the least variation norm ‖f‖_F₁",
        under: "",
        state: Open("a certified F₁ norm of the limit and of the linear interpolator"),
        shown_by: &[],
    },
    Statement {
        number: "Section 3.2",
        says: "discussion: larger λ without a saddle, λ* ~ m^(-1/2) e^(-Θ(n)), few neurons give a larger norm and a saddle for each kink, nearly orthogonal data need δ ~ λ, unbalanced starts, leaky relu",
        under: "",
        state: Partly(
            "norm without Assumption 3, near-orthogonality and the missing saddle at λ = .1 are measured; λ*, saddles a kink, unbalanced starts and leaky relu are not",
        ),
        shown_by: &[
            Run("orthogonal-phases"),
            Test(
                "host-runner/papers/orthogonal/src/two_point.rs::from_a_larger_start_there_is_no_saddle",
            ),
        ],
    },
    Statement {
        number: "(9)",
        says: "in spherical coordinates ρ_j' = s_j ⟨D_j, w_j⟩, w_j' = s_j (D_j - ⟨D_j, w_j⟩ w_j)",
        under: "",
        state: Shown,
        shown_by: &[Test("tests/tests/flow/method.rs::orders_are_measured")],
    },
    Statement {
        number: "(10)",
        says: "while h = 0 directions follow the alignment flow on the sphere",
        under: "small start",
        state: Shown,
        shown_by: &[Verdict("orthogonal-phases", "1 - cos of the carriers with D falls at 2 |D|")],
    },
    Statement {
        number: "Figure 1",
        says: "the timeline of the phases with their ε-windows",
        under: "",
        state: Open(
            "every inequality of Lemmas 2 to 5 and Fact 1 with its slack for given ε and λ, which draws it",
        ),
        shown_by: &[],
    },
    Statement {
        number: "Lemma 2",
        says: "after t₁ = -ε ln λ/‖D_-‖: S_{+,1} along D₊, S_{-,1} along -D₋, all norms below 2c λ^(1-rε)",
        under: "λ <= λ*",
        state: Partly(
            "times, rates and growth of both sides' carriers; not the printed inequalities with their ε",
        ),
        shown_by: &[
            Verdict("orthogonal-phases", "carriers align in a time that does not depend on lambda"),
            Verdict("orthogonal-phases", "while they align their norm grows"),
        ],
    },
    Statement {
        number: "Lemma 3",
        says: "by t₂ <= -(1 + 3ε) ln λ/‖D₊‖ S_{+,1} has fitted the positive targets, the others are of order λ^ε",
        under: "λ <= λ*",
        state: Partly(
            "the slope of the escape; not the bounds with ε. Section 4 prints a loss of λ^(ε/5) after this phase, B.4 λ^(2ε/5)",
        ),
        shown_by: &[
            Verdict("orthogonal-phases", "the side of larger |D| escapes at log(1/lambda)/|D|"),
            Verdict("orthogonal-phases", "under Assumption 3 the side of larger |D|"),
        ],
    },
    Statement {
        number: "Fact 1",
        says: "between the fits θ stays within λ^(ε/5) of a strict saddle θ_S",
        under: "λ <= λ*",
        state: Partly(
            "loss of the saddle, and the power of the least distance to it; not the supremum over the window, nor that it is strict",
        ),
        shown_by: &[
            Verdict("orthogonal-phases", "between the escapes L comes to that of the saddle"),
            Verdict("orthogonal-phases", "the distance to that saddle falls"),
            Verdict("orthogonal-two-point", "between the saddles L rests"),
        ],
    },
    Statement {
        number: "Lemma 4",
        says: "by t₃ <= -(1 + 3rε) ln λ/‖D₋‖ S_{-,1} has fitted the negative targets, S_{+,1} has hardly moved",
        under: "λ <= λ*",
        state: Partly(
            "the slope of the escape; (iii) and (iv) only inside the distance to the limit",
        ),
        shown_by: &[Verdict("orthogonal-phases", "the other side escapes at log(1/lambda)/|D|")],
    },
    Statement {
        number: "Lemma 5",
        says: "‖∇L‖²/L >= ‖D₋‖ in a ball around θ* of radius λ^(ε/240)",
        under: "balanced θ",
        state: Partly(
            "at the end of each flow, where it is 2 min(‖D₊‖, ‖D₋‖) and more; the ball is not sampled",
        ),
        shown_by: &[Verdict("orthogonal-phases", "near the limit mu is at least 2 min")],
    },
    Statement {
        number: "Remark 1",
        says: "the convergence theorem of Chatterjee needs a reformulation for balanced relu networks",
        under: "",
        state: Beyond("about a proof in another note"),
        shown_by: &[],
    },
    Statement {
        number: "Figure 2",
        says: "the network on two samples at four times",
        under: "",
        state: Shown,
        shown_by: &[Verdict("orthogonal-two-point", "the limit has one kink for each sign")],
    },
    Statement {
        number: "Figure 3",
        says: "its loss: two saddles, left near iterations 5000 and 11000",
        under: "",
        state: Shown,
        shown_by: &[
            Verdict("orthogonal-two-point", "the first saddle (h = 0) is left near iteration 5000"),
            Verdict(
                "orthogonal-two-point",
                "the second saddle (y = 1 fitted) is left near iteration 11000",
            ),
        ],
    },
    Statement {
        number: "Figure 4",
        says: "five samples on the line, m = 60, step 1e-3: an intermediate saddle, loss 0, few kinks",
        under: "",
        state: Partly(
            "saddle, escape and kinks; that two groups grow and change direction meanwhile is not measured",
        ),
        shown_by: &[
            Verdict("orthogonal-five-point", "the loss rests at an intermediate saddle"),
            Verdict("orthogonal-five-point", "the saddle h = 0 is left between"),
        ],
    },
    Statement {
        number: "Figure 5",
        says: "λ = 10/√m: neurons hardly move, the limit is nearly the interpolator of the tangent kernel",
        under: "",
        state: Partly(
            "movement and first fall; the kernel's interpolator is not computed, nor unbalanced starts or orthogonal data",
        ),
        shown_by: &[
            Verdict("orthogonal-lazy", "the inner weights hardly move"),
            Verdict("orthogonal-lazy", "the outer weights hardly move"),
        ],
    },
    Statement {
        number: "Figure 6",
        says: "75 Gaussian samples in d = 150: neurons align with two directions, grow cluster by cluster",
        under: "",
        state: Partly(
            "alignment of both signs, and the picture; that clusters grow one after the other has no verdict",
        ),
        shown_by: &[
            Verdict("orthogonal-highdim", "before, the growing neurons align"),
            Verdict("orthogonal-highdim", "so do those of the other sign"),
        ],
    },
    Statement {
        number: "Figure 7",
        says: "its loss, and two components that explain about 80 % of the final variance",
        under: "",
        state: Partly("the share is .65 to .81 with the teacher; the verdict asks for .5"),
        shown_by: &[
            Verdict("orthogonal-highdim", "the loss falls at t = log(1/lambda)/|D|"),
            Verdict("orthogonal-highdim", "two components explain most of the variance"),
        ],
    },
    Statement {
        number: "(11)",
        says: "d⟨w_j, x_k⟩/dt = r_k a_j 1[⟨w_j, x_k⟩ > 0]/n on orthonormal inputs",
        under: "Assumption 1",
        state: Shown,
        shown_by: &[Test("tests/tests/orthogonal.rs::matches_the_oracle")],
    },
    Statement {
        number: "Lemma 6",
        says: "a pair with ⟨w_j, x_k⟩ < 0 keeps it: dead stays dead",
        under: "Assumption 1",
        state: Shown,
        shown_by: &[
            Verdict("orthogonal-subgradient", "under the kernels a pair that has died never moves"),
            Test("tests/tests/orthogonal.rs::dead_pairs_never_revive"),
        ],
    },
    Statement {
        number: "Section B.2",
        says: "α = min y_k²/(2‖D₊‖²) and β bound the rates of neurons that miss a sample",
        under: "",
        state: Refuted(
            "n² is missing: with n = 4 and y₊ = (1, 1) α = 4, and a rate of 1/4 would be bounded by a negative number",
        ),
        shown_by: &[Test(
            "host-runner/papers/orthogonal/src/printed.rs::the_constants_of_b_2_lack_n_squared",
        )],
    },
    Statement {
        number: "Lemma 7",
        says: "phase +1: norms, alignment of S_{+,1} with D₊, ⟨w_j, x_k⟩ = 0 on the other sign's samples",
        under: "λ <= λ*",
        state: Partly("(ii) by its rate; (i) and (iii) not as printed"),
        shown_by: &[Verdict(
            "orthogonal-phases",
            "carriers align in a time that does not depend on lambda",
        )],
    },
    Statement {
        number: "Lemma 8",
        says: "phase -1: the same for S_{-,1}",
        under: "λ <= λ*",
        state: Open("a verdict for the side that comes second; its trace is kept"),
        shown_by: &[],
    },
    Statement {
        number: "Lemma 9",
        says: "until t_{±1} neurons of S_{±1} do not collapse: ‖w_j‖ > c λ^(1+ε)/2",
        under: "λ <= λ*",
        state: Partly("their growth does not depend on λ; not the printed bound"),
        shown_by: &[Verdict("orthogonal-phases", "while they align their norm grows")],
    },
    Statement {
        number: "Lemma 10",
        says: "the second phase in detail",
        under: "λ <= λ*",
        state: Partly("as Lemma 3"),
        shown_by: &[Verdict(
            "orthogonal-phases",
            "the side of larger |D| escapes at log(1/lambda)/|D|",
        )],
    },
    Statement {
        number: "Lemma 11",
        says: "the third phase in detail",
        under: "λ <= λ*",
        state: Partly("as Lemma 4"),
        shown_by: &[Verdict("orthogonal-phases", "the other side escapes at log(1/lambda)/|D|")],
    },
    Statement {
        number: "Lemma 12",
        says: "there is one θ* for all λ: ‖θ^{t₃} - θ*‖ <= λ^(ε/31)",
        under: "λ <= λ*",
        state: Open(
            "the distance between limits from λ and λ': measured .15, .012, 9e-5 and 8e-9 from 1e-6 to 1e-96 on four samples, no verdict yet",
        ),
        shown_by: &[],
    },
    Statement {
        number: "(28)",
        says: "the system whose solution is θ*: ‖w_j*‖ = √(n‖D₊‖/Σ e^(2 d_ij))",
        under: "",
        state: Open("θ* from the start"),
        shown_by: &[],
    },
    Statement {
        number: "Lemma 13",
        says: "after phase 3 L <= λ^(ε'/2)",
        under: "the conditions (i) to (iv) of B.6",
        state: Open("the loss at t₃ for given ε"),
        shown_by: &[],
    },
    Statement {
        number: "Lemma 14",
        says: "‖∇L‖² >= 2 L min Σ_{S±} ‖w_j‖²/n",
        under: "balanced θ",
        state: Refuted(
            "printed for all θ with the neurons S± of the start; where these have died ∇L = 0 and the right side is not. It holds with those of θ",
        ),
        shown_by: &[
            Test(
                "host-runner/papers/orthogonal/src/printed.rs::lemma_14_is_about_the_neurons_of_theta",
            ),
            Verdict("orthogonal-phases", "and it is 4 |D| of the side that is fitted last"),
        ],
    },
    Statement {
        number: "Lemma 15",
        says: "‖∇L‖²/L >= min(‖D₊‖, ‖D₋‖) in a ball around θ^{t₃}",
        under: "balanced θ",
        state: Partly("at the end of each flow; the ball is not sampled"),
        shown_by: &[Verdict("orthogonal-phases", "near the limit mu is at least 2 min")],
    },
    Statement {
        number: "Lemma 16",
        says: "a Grönwall inequality: f <= (f(0) + c)(1 + e^(bt/a))",
        under: "f' <= -a f + b ∫f + c/a",
        state: Refuted(
            "a = 1/2, b = 0, c = 1, f(0) = 0 has f → 4 > 2; it needs c in the hypothesis, or c/a in the bound",
        ),
        shown_by: &[Test(
            "host-runner/papers/orthogonal/src/printed.rs::lemma_16_needs_another_constant",
        )],
    },
    Statement {
        number: "Proposition 1",
        says: "interpolators have ‖θ‖² >= 2n(‖D₊‖ + ‖D₋‖); the minimisers are collinear with D₊ and -D₋",
        under: "Assumption 1",
        state: Partly(
            "value and directions; the whole set of minimisers and the conditions (35) to (37) are not checked",
        ),
        shown_by: &[
            Verdict("orthogonal-two-point", "the limit has the smallest norm of all interpolators"),
            Verdict("orthogonal-phases", "it has one direction for each sign"),
            Test(
                "host-runner/oracle/src/theory.rs::minimum_norm_of_unit_inputs_is_2n_times_the_directions",
            ),
        ],
    },
    Statement {
        number: "Proposition 2",
        says: "the flow has a solution for all time if and only if relu'(0) = 0",
        under: "orthonormal inputs",
        state: Partly("one pair of solutions; that the flow is not unique at z = 0 is not shown"),
        shown_by: &[
            Verdict(
                "orthogonal-subgradient",
                "with relu'(0) = 0 the candidate that stays at 0 solves the flow",
            ),
            Verdict("orthogonal-subgradient", "with relu'(0) = 1 it does not"),
            Verdict("orthogonal-subgradient", "the defect is proportional to relu'(0)"),
        ],
    },
];
