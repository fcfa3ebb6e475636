//! What the paper states, in the order of its text, and what shows it here.
use lab::Evidence::{Run, Test, Verdict};
use lab::State::{Beyond, Open, Partly, Refuted, Shown};
use lab::Statement;

/// The ledger.
pub static STATEMENTS: &[Statement] = &[
    Statement {
        number: "(1)",
        says: "h = 1/p Σ_j a_j σ(⟨w_j, x⟩), L = 1/(2n) Σ (h(x_i) - y_i)²",
        under: "",
        state: Shown,
        shown_by: &[Test("tests/tests/forward.rs::matches_the_oracle")],
    },
    Statement {
        number: "(2)",
        says: "a_j' along the flow, accelerated by p",
        under: "",
        state: Shown,
        shown_by: &[Test("tests/tests/backward.rs::matches_the_oracle")],
    },
    Statement {
        number: "(3)",
        says: "w_j' along the flow",
        under: "",
        state: Shown,
        shown_by: &[Test("tests/tests/backward.rs::matches_the_oracle")],
    },
    Statement {
        number: "Assumption 1",
        says: "|a_j(0)| >= ‖w_j(0)‖ for every neuron",
        under: "",
        state: Shown,
        shown_by: &[
            Test("tests/tests/curvature.rs::assumption_1_names_the_first_failure"),
            Verdict("weak-collapse", "nowhere on the map is a sample lost"),
        ],
    },
    Statement {
        number: "Lemma 1",
        says: "a_j² - ‖w_j‖² is conserved; under Assumption 1 no a_j changes its sign",
        under: "",
        state: Partly(
            "conservation is in every certificate; the sign is seen through what is never lost, and has no verdict of its own",
        ),
        shown_by: &[
            Verdict("weak-collapse", "with a(0) = +-1.5, |a_j| >= |w_j|"),
            Test("tests/tests/physics.rs::lemmas_1_and_2_to_first_order"),
        ],
    },
    Statement {
        number: "Assumption 2",
        says: "‖XᵀX - D_X‖ <= (C_x^-)²/(2√n) C_y^-/C_y^+: the inputs interact weakly",
        under: "",
        state: Shown,
        shown_by: &[
            Test("host-runner/tests/train.rs::check_asserts_no_theorem_outside_its_hypotheses"),
            Verdict("weak-lemmas", "half of all sample sets satisfy Assumption 2"),
        ],
    },
    Statement {
        number: "(4)",
        says: "the inequality of Assumption 2",
        under: "",
        state: Shown,
        shown_by: &[Test("host-runner/tests/train.rs::check_predicts_on_orthogonal_data")],
    },
    Statement {
        number: "(5)",
        says: "the local-PL curvature μ = ‖∇L‖²/L = -d log L/dt",
        under: "",
        state: Shown,
        shown_by: &[Verdict("weak-bounds", "at the start mu of the flow is p |grad L|^2 / L")],
    },
    Statement {
        number: "Lemma 2",
        says: "L(t) = L(0) e^(-⟨μ⟩t)",
        under: "",
        state: Shown,
        shown_by: &[Verdict("weak-sliding", "log L falls by the integral of mu along the flow")],
    },
    Statement {
        number: "Theorem 1",
        says: "with probability 1 - ε the loss goes to 0 and the mean curvature ends above C/n",
        under: "p >= 4 log(4n/ε)(1 + (C_{a,w} C_x^+/C_y^-)²), Assumptions 1 and 2",
        state: Partly(
            "the deterministic part; the probability, for C_{a,w} is not given, the proof's step that a right neuron stays active, and unconditioned starts are not",
        ),
        shown_by: &[
            Verdict("weak-bounds", "mu is above (C/n) min"),
            Verdict("weak-bounds", "the mean of mu until L = 1e-10 L(0) is above C/n"),
        ],
    },
    Statement {
        number: "(6)",
        says: "μ(t) >= (C/n) min |1 - r_i/y_i|",
        under: "Assumptions 1 and 2",
        state: Shown,
        shown_by: &[Verdict("weak-bounds", "mu is above (C/n) min")],
    },
    Statement {
        number: "Lemma 3",
        says: "for d >= C (n² + n log(1/ε)) random data satisfy Assumption 2 with probability 1 - ε",
        under: "compact support, zero mean",
        state: Partly(
            "the power n² of the 50 % point; its constant 512 C² at the law of Appendix B is not judged",
        ),
        shown_by: &[Verdict(
            "weak-lemmas",
            "half of all sample sets satisfy Assumption 2 at d ~ n^2",
        )],
    },
    Statement {
        number: "Corollary 1",
        says: "Theorem 1 for random data with d >= C(n² + …)",
        under: "",
        state: Open(
            "starts and data drawn without conditions: P(convergence) beside what Theorem 1 needs",
        ),
        shown_by: &[],
    },
    Statement {
        number: "Proposition 1",
        says: "on orthogonal inputs μ <= C √(n p) max |1 - r_i/y_i| / n + …, for t >= C n",
        under: "orthogonal inputs, a_j² - ‖w_j‖² >= A > 0, d > C' log p log(np) log(1/ε)²",
        state: Partly("the explicit bound of its proof; neither the time nor the condition on d"),
        shown_by: &[Verdict(
            "weak-bounds",
            "on orthogonal samples, once no pair has the wrong sign",
        )],
    },
    Statement {
        number: "(8)",
        says: "the bound of Proposition 1",
        under: "as Proposition 1",
        state: Partly("as Proposition 1"),
        shown_by: &[Run("weak-bounds")],
    },
    Statement {
        number: "(9)",
        says: "group initialisation: neuron j sees its own group alone",
        under: "",
        state: Shown,
        shown_by: &[Test("tests/tests/init.rs::grouped_lies_in_its_cone")],
    },
    Statement {
        number: "Figure 1",
        says: "an example of (9)",
        under: "",
        state: Beyond("a drawing of a definition"),
        shown_by: &[],
    },
    Statement {
        number: "Proposition 2",
        says: "from group starts K₁/n^α <= μ <= K₂/n^α, for any α in [1/2, 1]",
        under: "orthonormal inputs, |a_j| = ‖w_j‖",
        state: Partly(
            "the powers and both ends for y = 1; the start time of (10), K₁ and K₂ with C_y are not judged",
        ),
        shown_by: &[
            Verdict("weak-group", "n^alpha mu ends at 2 or above"),
            Verdict("weak-group", "and at 4 or below"),
            Verdict("weak-group", "mu falls as n^-alpha"),
        ],
    },
    Statement {
        number: "(10)",
        says: "the bracket of Proposition 2",
        under: "as Proposition 2",
        state: Partly("as Proposition 2"),
        shown_by: &[Run("weak-group")],
    },
    Statement {
        number: "Conjecture 1",
        says: "there are C₁, C₂ with μ_∞ ~ C₂/√n",
        under: "orthogonal inputs, p > C₁ log(n/ε), with probability 1 - ε",
        state: Partly(
            "at two C₁ in repro, any C₁ and ε by setting; n up to 1e5 is no proof, and at the least C₁ a factor 1/p remains",
        ),
        shown_by: &[
            Verdict("weak-conjecture", "at the least C1, but for the logarithm"),
            Verdict("weak-conjecture", "sqrt n mu has a limit above 0"),
            Verdict("weak-conjecture", "networks that do not learn their samples"),
        ],
    },
    Statement {
        number: "Lemma 4",
        says: "√p (nμ(0) - β₀) is asymptotically normal",
        under: "",
        state: Partly("mean and power of p; normality and γ₀² of (79) are not tested"),
        shown_by: &[
            Verdict("weak-lemmas", "n mu(0) of the widest networks is beta_0"),
            Verdict("weak-lemmas", "n mu(0) fluctuates by 1/sqrt p"),
        ],
    },
    Statement {
        number: "Theorem 2",
        says: "in time t/t_n the loss falls in steps at 1/‖D_j‖, one a group",
        under: "group start, p fixed, n → ∞",
        state: Partly("two groups; more and unequal ones are not run"),
        shown_by: &[
            Verdict("weak-phase", "the step of |D| = 1 is at"),
            Verdict("weak-phase", "the step of |D| = 2 is at"),
        ],
    },
    Statement {
        number: "(12)",
        says: "the width of a step is (1/(2‖D‖)) log C_j(ε)/log n",
        under: "as Theorem 2",
        state: Partly(
            "the width with a C(ε) of ours and 2/‖D‖, to 1e-5; whether the product with the C_j(ε) of (87) is the same is not decided",
        ),
        shown_by: &[Verdict("weak-phase", "the width of a step is (2/|D|)")],
    },
    Statement {
        number: "Figure 2",
        says: "the loss of two groups for growing n",
        under: "",
        state: Shown,
        shown_by: &[
            Verdict("weak-phase", "L starts at 5/4"),
            Verdict("weak-phase", "between the steps it rests at 1/4"),
            Verdict("weak-phase", "at the end it is 0"),
        ],
    },
    Statement {
        number: "Section 4.2",
        says: "through the transition μ goes from 1/n to 1/√n",
        under: "",
        state: Open("μ(t) in weak-phase, with its two levels"),
        shown_by: &[],
    },
    Statement {
        number: "Figure 3",
        says: "d = 100, n = 2500 to 3500: convergence very likely below 2900, almost none above 3100, 0.6 % of the loss left",
        under: "",
        state: Shown,
        shown_by: &[
            Verdict("weak-probability", "below n = 2900 convergence is very likely"),
            Verdict("weak-probability", "above n = 3100 its probability is almost zero"),
            Verdict("weak-probability", "at the largest n the loss left is 0.6 %"),
        ],
    },
    Statement {
        number: "Section 5.1",
        says: "N(d, p) ~ C(p) d with C sub-linear in p",
        under: "",
        state: Partly(
            "N(d, 30) rises by 15 a dimension up to 100, N/d rises from 3 to 13: a line, not a proportion; N(30, p) goes with log p. The contradiction to ~ d is said, not judged",
        ),
        shown_by: &[Run("weak-threshold-d"), Run("weak-threshold-p")],
    },
    Statement {
        number: "Lemma 5",
        says: "p >= 4 log(n/ε) neurons give every sample a right one with probability 1 - ε; p <= 3 log(n/ε) - 2 do not",
        under: "",
        state: Partly("the sufficient half; the necessary one has no verdict"),
        shown_by: &[
            Verdict("weak-lemmas", "P >= 1 - n (3/4)^p"),
            Verdict("weak-lemmas", "at the code's width P is at least 0.95"),
        ],
    },
    Statement {
        number: "Lemma 6",
        says: "L(0) <= 2 (C_y^+)² with probability 1 - ε",
        under: "p large against a psi_1 norm",
        state: Open(
            "its constant, and P(L(0) <= 2 (C_y^+)²) by counting; its proof bounds one sample and has no union over them",
        ),
        shown_by: &[],
    },
    Statement {
        number: "(20)",
        says: "the moment bound behind Lemma 6",
        under: "",
        state: Open("as Lemma 6"),
        shown_by: &[],
    },
    Statement {
        number: "(21)",
        says: "the tail bound behind Lemma 6",
        under: "",
        state: Open("as Lemma 6"),
        shown_by: &[],
    },
    Statement {
        number: "Lemma 7",
        says: "(2/n)((C_x^-)² - defect) min_i … <= μ <= (2/n) (C_x^+)² max_i (1/p) Σ (a_j² + ‖w_j‖²) 1[z_ji > 0]",
        under: "",
        state: Refuted(
            "the upper bound lacks the defect beside (C_x^+)²: n equal samples and one neuron have μ = n times it. On orthogonal samples both are right",
        ),
        shown_by: &[
            Verdict("weak-bounds", "the printed upper bound fails on random samples"),
            Verdict("weak-bounds", "nor does the lower bound"),
            Verdict("weak-bounds", "the corrected one never does"),
        ],
    },
    Statement {
        number: "(46)",
        says: "the dimension of Lemma 3: d >= 8 (C_y^+/C_y^-)² (C_x^+/C_x^-)⁴ (C²n² + n log(2/ε))",
        under: "as we read it",
        state: Open("a verdict on the 50 % point, which is at 363 n² for n = 64"),
        shown_by: &[],
    },
    Statement {
        number: "Lemma 8",
        says: "on orthogonal inputs wrong activations die by t_n, right ones survive",
        under: "A = min (a² - ‖w‖²) > 0",
        state: Partly(
            "deaths and survival; that ⟨w(t_n), x⟩ >= ⟨w(0), x⟩, and the remark on y_i = 0, are not",
        ),
        shown_by: &[
            Verdict("weak-lemmas", "wrong activations that die are gone by t_n"),
            Verdict("weak-lemmas", "correct activations are all kept"),
        ],
    },
    Statement {
        number: "(47)",
        says: "t_n of Lemma 8",
        under: "as Lemma 8",
        state: Shown,
        shown_by: &[Verdict("weak-lemmas", "wrong activations that die are gone by t_n")],
    },
    Statement {
        number: "(64)",
        says: "the explicit bound of Proposition 1",
        under: "as Proposition 1",
        state: Shown,
        shown_by: &[Verdict(
            "weak-bounds",
            "on orthogonal samples, once no pair has the wrong sign",
        )],
    },
    Statement {
        number: "(66)",
        says: "the equation of a group's size and alignment",
        under: "group start",
        state: Shown,
        shown_by: &[Verdict("weak-phase", "the loss of the network in full is the closed form's")],
    },
    Statement {
        number: "(67)",
        says: "alignment of a group in closed form",
        under: "group start",
        state: Shown,
        shown_by: &[Verdict(
            "weak-group",
            "norm and alignment of four groups follow the corrected closed form",
        )],
    },
    Statement {
        number: "(69)",
        says: "the norm of a group in closed form",
        under: "group start",
        state: Refuted(
            "as printed it holds for c₀ = 1 alone; at c₀ = .74 it is off by more than rounding",
        ),
        shown_by: &[
            Verdict("weak-group", "as printed, with c = 2 kappa, (69) holds for c_0 = 1"),
            Verdict("weak-group", "and fails for c_0 = .74"),
        ],
    },
    Statement {
        number: "(77)",
        says: "β₀, the mean of nμ(0) for p → ∞",
        under: "",
        state: Shown,
        shown_by: &[Verdict("weak-lemmas", "n mu(0) of the widest networks is beta_0")],
    },
    Statement {
        number: "(79)",
        says: "γ₀², its variance",
        under: "",
        state: Open("the variance in closed form beside the measured one"),
        shown_by: &[],
    },
    Statement {
        number: "(87)",
        says: "C_j(ε), with ‖D_j‖ and the start in it",
        under: "",
        state: Open("our width needs neither; that the two products differ is not shown"),
        shown_by: &[],
    },
    Statement {
        number: "Figure 4",
        says: "N(d, 30) for d = 10 to 100 and a line through it",
        under: "",
        state: Partly(
            "the published thresholds are met; that the text calls it proportional to d is not judged",
        ),
        shown_by: &[Verdict("weak-threshold-d", "every threshold is the published one")],
    },
    Statement {
        number: "Figure 5",
        says: "N(30, p) for p = 50 to 400: a logarithm or a root",
        under: "",
        state: Shown,
        shown_by: &[
            Verdict("weak-threshold-p", "every threshold is the published one"),
            Verdict("weak-threshold-p", "a logarithm explains N(30, p) better"),
        ],
    },
    Statement {
        number: "Figure 6",
        says: "μ_end, mean μ and both bounds against n in d = 2000, slopes close to -1/2",
        under: "",
        state: Shown,
        shown_by: &[
            Verdict("weak-curvature", "the power of n that mu in the end goes with"),
            Verdict("weak-curvature", "the power of n that the upper bound goes with"),
        ],
    },
    Statement {
        number: "Appendix B",
        says: "the laws: w ~ N(0, I/d), |a| - ‖w‖ ~ Exp(1), y in ±[1, 2], ‖x‖ in [1, 2]",
        under: "",
        state: Partly(
            "Figures 3 to 6 use the code's law of w by default, `inner=gaussian` is the text's",
        ),
        shown_by: &[Run("weak-probability")],
    },
    Statement {
        number: "Proposition 3",
        says: "with |a_j(0)| small, y₁ large and (89) two neurons lose one of two samples: lim L > 0",
        under: "d = n = p = 2, orthonormal inputs, y₁y₂ < 0, all ⟨w_j(0), x_i⟩ > 0",
        state: Partly(
            "inside (89) at w(0) of one's own; how small and how large is not printed, and how often random starts fail is not counted",
        ),
        shown_by: &[
            Verdict("weak-collapse", "a sample is lost: L ends at y_2^2/4"),
            Verdict("weak-collapse", "at every point of the map inside (89)"),
            Test(
                "host-runner/papers/weak/src/collapse.rs::the_proposition_is_judged_where_it_speaks",
            ),
        ],
    },
    Statement {
        number: "(89)",
        says: "√(8 max ⟨w_j, x_i⟩/y₁) < |y₂/y₁| < min ⟨w_j, x_i⟩/max ⟨w_j, x_i⟩",
        under: "",
        state: Shown,
        shown_by: &[Test(
            "host-runner/papers/weak/src/collapse.rs::the_proposition_is_judged_where_it_speaks",
        )],
    },
    Statement {
        number: "(97)",
        says: "the left half of (89)",
        under: "",
        state: Partly("as (89)"),
        shown_by: &[Run("weak-collapse")],
    },
    Statement {
        number: "Section C.2",
        says: "the flow is not unique where ⟨w_j, x_i⟩ = 0 and a_j r_i > 0",
        under: "",
        state: Open(
            "two trajectories from one start; the product's own choice is that such a pair rests",
        ),
        shown_by: &[],
    },
];
