//! The three families of networks, and the keys of their experiments.
use engine::ARITHMETIC;
use lab::failure::Failure;
use lab::settings::{Key, Keys, Word};
use lab::{Arithmetic, Context};
use reluflow::deep::{Activation, Layer, parameters};

/// Widths of [`Family::Dense`].
pub const DENSE_WIDTH: Key<&str> = Key::text(
    "width",
    "50,100,150,200,250",
    "whole numbers such as 50,100",
    "width of both hidden layers, a network for each",
)
.quick("1,8,20");
/// Widths of [`Family::Graph`].
pub const GRAPH_WIDTH: Key<&str> = Key::text(
    "width",
    "25,50,100,150,200",
    "whole numbers such as 25,50",
    "width of both hidden layers, a network for each",
)
.quick("1,8,20");
/// Depths of [`Family::Residual`].
pub const LAYERS: Key<&str> = Key::text(
    "layers",
    "8,10,12,14,16",
    "whole numbers such as 8,10",
    "number of layers, a network for each",
)
.quick("1,2");
/// Samples.
pub const N: Key<usize> = Key::count("n", 1000, "number of samples").between(2, 1 << 20).quick(20);
/// Of the ball.
pub const RADIUS: Key<f64> =
    Key::number("radius", 1.0, "radius of the ball that inputs are uniform in").positive();
const SLOPE: Key<f64> =
    Key::number("slope", 0.01, "slope of the leaky relu below 0").within(0.0, 1.0);
/// How weights are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Law {
    /// As PyTorch's `nn.Linear` does where nothing is said: +-1/sqrt(inputs).
    Linear,
    /// He's bound, which keeps the size of what a leaky relu passes on.
    Kaiming,
}

impl Word for Law {
    const WORDS: &'static [(&'static str, Self)] =
        &[("linear", Self::Linear), ("kaiming", Self::Kaiming)];
}

/// Of W; b is uniform on +-1/sqrt(inputs).
pub const START: Key<Law> = Key::choice(
    "start",
    Law::Linear,
    "weights at the start: uniform on +-1/sqrt(inputs), PyTorch's default, or on He's +-sqrt(6 / ((1 + \
     slope^2) inputs))",
);
/// Rate.
pub const LR: Key<f64> = Key::number("lr", 1e-5, "rate of gradient descent").positive().quick(5e-4);
/// Length.
pub const EPOCHS: Key<usize> = Key::count("epochs", 10_000, "number of steps").quick(8000);
/// How often the kernel is looked at.
pub const LOOKS: Key<usize> =
    Key::count("looks", 3, "number of looks at the tangent kernel, log-spaced")
        .between(2, 1000)
        .quick(41);
/// How long a look takes.
pub const LANCZOS: Key<usize> =
    Key::count("lanczos", 20, "number of products of a look where nM is above `exact`")
        .between(2, 1000);
/// Where a look is exact.
pub const EXACT: Key<usize> =
    Key::count("exact", 2000, "largest nM whose tangent kernel is written out").between(1, 10_000);

/// Sizes, rate and length of a run; which network sizes each experiment says itself.
pub const DESCENT: Keys = &[
    &N,
    &RADIUS,
    &SLOPE,
    &START,
    &LR,
    &EPOCHS,
    &LOOKS,
    &LANCZOS,
    &EXACT,
    &ARITHMETIC.usually(Arithmetic::Fused),
];

/// N of random data.
pub const INPUTS: Key<usize> =
    Key::count("inputs", 500, "number of inputs").between(1, 1 << 16).quick(10);
const OUTPUTS: Key<usize> =
    Key::count("outputs", 50, "number of targets of a sample").between(1, 1 << 16).quick(2);

/// N and M of random data.
pub const ENDS: Keys = &[&INPUTS, &OUTPUTS];

/// The user's samples.
pub const DATA: Key<&str> = Key::text(
    "data",
    "none",
    "the path of a .csv or .npy table, or none",
    "table of inputs and then targets, a row for each sample, instead of random data",
);
/// How many columns of them are targets.
pub const TARGETS: Key<usize> =
    Key::count("targets", 1, "number of targets in a row of `data`").between(1, 1 << 16);
/// The user's widths.
pub const HIDDEN: Key<&str> = Key::text(
    "hidden",
    "none",
    "widths such as 8,8 or 8x8, or none",
    "widths of the hidden layers of one network, instead of those of `width`",
);
/// The user's start.
pub const THETA: Key<&str> = Key::text(
    "theta",
    "none",
    "the path of a .csv or .npy list, or none",
    "start of one network: W row-major, then b, layer by layer",
);

/// What lets `general-dnn` follow the user's own network.
pub const OWN: Keys = &[&DATA, &TARGETS, &HIDDEN, &THETA];

/// Word of a text key that names nothing.
pub const NONE: &str = "none";

/// An architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Two hidden layers of equal width.
    Dense,
    /// x + Wx + b, activated but for the last, as wide as the input.
    Residual,
    /// Two hidden graph convolutions of equal width, and a third.
    Graph,
}

/// One network of an experiment.
#[derive(Debug, Clone)]
pub struct Network {
    /// What tells it from the others: width or number of layers. Names its random stream.
    pub size: usize,
    /// For figures.
    pub label: String,
    /// Of its metrics; empty where it is alone.
    pub suffix: String,
    /// What it is made of.
    pub layers: Vec<Layer>,
}

impl Network {
    /// Refuses what no memory holds: a gigabyte of parameters, or of what layers put out for n samples.
    pub fn fits(&self, n: usize) -> Result<(), Failure> {
        const MOST: usize = 1 << 27;
        let outputs = || self.layers.iter().map(|layer| layer.outputs.saturating_mul(n));
        let values = outputs().fold(0, usize::saturating_add);
        for (found, of) in [(parameters(&self.layers), "parameters"), (values, "outputs of layers")]
        {
            if found > MOST {
                return Err(Failure::bad_input(format!(
                    "{}: found {found} {of}, expected at most {MOST}; choose smaller sizes",
                    self.label
                )));
            }
        }
        Ok(())
    }
}

impl Family {
    /// Key of the sizes.
    fn key(self) -> Key<&'static str> {
        match self {
            Self::Dense => DENSE_WIDTH,
            Self::Graph => GRAPH_WIDTH,
            Self::Residual => LAYERS,
        }
    }

    /// (inputs, outputs) of random data.
    pub fn ends(self, context: &Context) -> (usize, usize) {
        let inputs = context.get(INPUTS);
        match self {
            Self::Dense | Self::Graph => (inputs, context.get(OUTPUTS)),
            Self::Residual => (inputs, inputs),
        }
    }

    /// The networks that the keys ask for, from `ends` = (inputs, outputs).
    pub fn networks(
        self,
        context: &Context,
        ends: (usize, usize),
    ) -> Result<Vec<Network>, Failure> {
        let slope = context.get(SLOPE);
        let hidden = match self {
            Self::Dense => context.get(HIDDEN),
            _ => NONE,
        };
        if hidden != NONE {
            let widths = sizes(HIDDEN.name, hidden, &[',', 'x'])?;
            let layers = chain(ends, &widths, |inputs, outputs, activation| {
                Layer::dense(inputs, outputs, activation)
            });
            let words: Vec<String> = widths.iter().map(usize::to_string).collect();
            let (size, label) = (widths[0], format!("hidden {}", words.join("x")));
            return Ok(vec![Network { size, label, suffix: String::new(), layers: layers(slope) }]);
        }
        let all = sizes(self.key().name, context.get(self.key()), &[','])?;
        let network = |&size: &usize| {
            let suffix =
                if all.len() == 1 { String::new() } else { format!("_{}{size}", self.letter()) };
            Network {
                size,
                label: self.label(size),
                suffix,
                layers: self.layers(ends, size, slope),
            }
        };
        Ok(all.iter().map(network).collect())
    }

    /// What a start is drawn around: x + Wx + b is a dense layer with the weights W + 1, which follow the same flow.
    pub fn centre(self, layers: &[Layer], theta: &mut [f64]) {
        if self != Self::Residual {
            return;
        }
        let mut rest = theta;
        for layer in layers {
            let (own, others) = rest.split_at_mut(layer.parameters());
            let diagonal = own.iter_mut().step_by(layer.inputs + 1).take(layer.outputs);
            diagonal.for_each(|weight| *weight += 1.0);
            rest = others;
        }
    }

    fn letter(self) -> char {
        if self == Self::Residual { 'l' } else { 'w' }
    }

    fn label(self, size: usize) -> String {
        match self {
            Self::Dense | Self::Graph => format!("[{size}, {size}]"),
            Self::Residual if size == 1 => "1 layer".into(),
            Self::Residual => format!("{size} layers"),
        }
    }

    fn layers(self, ends: (usize, usize), size: usize, slope: f64) -> Vec<Layer> {
        match self {
            Self::Dense => chain(ends, &[size; 2], Layer::dense)(slope),
            Self::Graph => chain(ends, &[size; 2], Layer::graph)(slope),
            Self::Residual => chain(ends, &vec![ends.0; size - 1], Layer::dense)(slope),
        }
    }
}

/// Hidden layers of these widths, activated, and a linear one.
fn chain(
    (inputs, outputs): (usize, usize),
    widths: &[usize],
    layer: impl Fn(usize, usize, Activation) -> Layer,
) -> impl Fn(f64) -> Vec<Layer> {
    move |slope| {
        let before = std::iter::once(&inputs).chain(widths);
        let leaky = Activation::Leaky { slope };
        let hidden = before.zip(widths).map(|(&from, &to)| layer(from, to, leaky));
        let last = widths.last().copied().unwrap_or(inputs);
        hidden.chain([layer(last, outputs, Activation::Identity)]).collect()
    }
}

/// Whole numbers above 0, each once where they name networks.
fn sizes(key: &str, text: &str, separators: &[char]) -> Result<Vec<usize>, Failure> {
    const MOST: usize = 1 << 16;
    let wrong = |what: String| {
        Failure::bad_input(format!(
            "--set {key}={text}: {what}, expected whole numbers from 1 to {MOST}, such as 50,100"
        ))
    };
    let mut all = Vec::new();
    for word in text.split(|c: char| separators.contains(&c)).map(str::trim) {
        match word.parse::<usize>() {
            Ok(size) if (1..=MOST).contains(&size) => all.push(size),
            _ => return Err(wrong(format!("'{word}' is not one"))),
        }
    }
    let twice = all.iter().enumerate().find(|(at, size)| all[..*at].contains(size));
    match twice {
        Some((_, size)) if key != HIDDEN.name => Err(wrong(format!("{size} is there twice"))),
        _ => Ok(all),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reluflow::deep::check;

    /// The counts of the paper's figure.
    #[test]
    fn sizes_are_the_papers() {
        let count = |family: Family, ends, size| parameters(&family.layers(ends, size, 0.01));
        assert_eq!(count(Family::Dense, (500, 50), 50), 30_150);
        assert_eq!(count(Family::Dense, (500, 50), 250), 200_550);
        assert_eq!(count(Family::Residual, (100, 100), 8), 80_800);
        assert_eq!(count(Family::Residual, (100, 100), 16), 161_600);
        assert_eq!(count(Family::Graph, (500, 50), 50), 30_150);
        for family in [Family::Dense, Family::Residual, Family::Graph] {
            assert_eq!(check(&family.layers((10, 10), 3, 0.01), 5), Ok(()));
        }
        let deep = chain((3, 1), &[4, 5], Layer::dense)(0.01);
        assert_eq!(deep.iter().map(|layer| layer.outputs).collect::<Vec<_>>(), [4, 5, 1]);
        assert_eq!(deep[2].activation, Activation::Identity);
    }

    /// Around zero weights a residual network passes on relu by relu what it is given.
    #[test]
    fn residual_weights_are_around_the_identity() {
        let layers = Family::Residual.layers((3, 3), 2, 0.01);
        let mut theta = vec![0.0; parameters(&layers)];
        Family::Residual.centre(&layers, &mut theta);
        let one = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0];
        assert_eq!(theta, [one, one].concat());
        Family::Dense.centre(&layers, &mut theta);
        assert_eq!(theta, [one, one].concat());
    }

    #[test]
    fn lists_of_sizes_are_read_or_refused_in_a_sentence() {
        assert_eq!(sizes("width", "50, 100,150", &[',']).unwrap(), [50, 100, 150]);
        assert_eq!(sizes("hidden", "8x8", &[',', 'x']).unwrap(), [8, 8]);
        assert_eq!(sizes("hidden", "8,8", &[',', 'x']).unwrap(), [8, 8]);
        for (text, part) in [
            ("50,,100", "'' is not one"),
            ("0", "'0' is not one"),
            ("70000", "'70000' is not one"),
            ("-3", "'-3' is not one"),
            ("8x8", "'8x8' is not one"),
            ("8,8", "8 is there twice"),
            ("99999999999999999999999", "is not one"),
        ] {
            let said = sizes("width", text, &[',']).unwrap_err().to_string();
            assert!(said.contains(part) && said.starts_with("--set width="), "{said}");
        }
    }
}
