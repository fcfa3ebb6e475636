//! Flags of `train`, and the configuration that they make.
use data::prepare::{DataArgs, Prepared};
use engine::Kind;
use engine::training::Law;
use lab::failure::Failure;
use lab::{Arithmetic, Config, Precision};
use reluflow::Scale;
use reluflow::init::Inner;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// Flags of `train`.
#[derive(Debug, Clone, clap::Args)]
pub struct TrainArgs {
    /// The data.
    #[command(flatten)]
    pub data: DataArgs,
    /// Table to measure the loss on as well, with the columns of --data
    #[arg(long, value_name = "FILE")]
    pub test_data: Option<PathBuf>,
    /// Number of neurons
    #[arg(long, value_name = "P", default_value_t = 64,
        value_parser = width)]
    pub width: u32,
    /// gd is gradient descent, flow the gradient flow itself by an adaptive integrator
    #[arg(long, value_enum, default_value_t = Method::Gd)]
    pub method: Method,
    /// Number of steps of --method gd
    #[arg(long, value_name = "N", default_value_t = 10_000,
        value_parser = steps)]
    pub steps: u64,
    /// Flow time at which --method flow ends
    #[arg(long, value_name = "T", value_parser = positive, default_value_t = 100.0,
        allow_negative_numbers = true)]
    pub until: f64,
    /// Local error of --method flow, relative to each neuron's size
    #[arg(long, value_name = "E", value_parser = positive, default_value_t = 1e-6,
        allow_negative_numbers = true)]
    pub tolerance: f64,
    /// Length of a step of --method gd, in flow time [default: chosen from the weights so that steps
    /// are stable]
    #[arg(long, value_parser = positive, allow_negative_numbers = true)]
    pub dt: Option<f64>,
    /// Factor s in h(x) = s sum_j a_j relu(<w_j, x>)
    #[arg(long, value_enum, default_value_t = OutputScale::OneOverP)]
    pub scale: OutputScale,
    /// Law of the weights at the start
    #[arg(long, value_enum, default_value_t = Init::AsymmetricUniform)]
    pub init: Init,
    /// Size of the start: deviation of w if balanced, else a factor on w and a
    /// [default: 0.001 if balanced, else 1]
    #[arg(long, value_name = "L", value_parser = positive, allow_negative_numbers = true)]
    pub lambda: Option<f64>,
    /// How a step is taken; auto takes the cheapest that suits the data. --method flow has a way of its
    /// own for orthogonal samples and one for all others
    #[arg(long, value_enum, default_value_t = Coordinates::Auto)]
    pub coordinates: Coordinates,
    /// Stop as soon as the loss is at most this
    #[arg(long, value_name = "L", value_parser = positive, allow_negative_numbers = true)]
    pub stop_loss: Option<f64>,
    /// fused is the fastest of this machine, canonical has the same bits on every machine
    #[arg(long, value_enum, default_value_t = Arithmetic::Fused)]
    pub arithmetic: Arithmetic,
    /// Seed of the start
    #[arg(long, value_name = "N", default_value_t = Config::DEFAULT_SEED,
        value_parser = clap::value_parser!(u64).range(..=i64::MAX as u64))]
    pub seed: u64,
    /// Float type of the weights
    #[arg(long, value_enum, default_value_t = Precision::F64)]
    pub precision: Precision,
    /// Leave the data on disk: a .npy file of C order and type '<f4' or '<f8' is mapped into
    /// memory and read once a step, with the same result to the last bit. For tables larger than
    /// the memory. Nothing may write to the file or cut it short meanwhile
    #[arg(long)]
    pub stream: bool,
    /// Threads to share the samples among, if there are more than 2304 and the step is dense; the
    /// result does not depend on them [default: all cores, or one where steps are too short]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,
    /// Keep weights, trace and figures in this folder; the same command again goes on where --method gd
    /// was interrupted, and starts again with --method flow
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
    /// No progress on stderr
    #[arg(long)]
    pub quiet: bool,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $word:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, Serialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$about])* $word),+ }
    };
}
words! {
    /// Word of `--method`.
    Method {
        /// Gradient descent: steps of --dt
        Gd,
        /// The flow: adaptive steps, exact at kinks, with a certificate
        Flow,
    }
}
words! {
    /// Word of `--scale`.
    OutputScale {
        /// s = 1, as in paper `orthogonal`
        One,
        /// s = 1/p, as in paper `weak`
        OneOverP,
    }
}
words! {
    /// Word of `--init`.
    Init {
        /// |a_j| = |w_j|, Gaussian w: paper `orthogonal`
        Balanced,
        /// |a_j| = |w_j| + Exp(1), Gaussian w: paper `weak`
        AsymmetricGaussian,
        /// |a_j| = |w_j| + Exp(1), uniform w: the published code of paper `weak`
        AsymmetricUniform,
    }
}
words! {
    /// Word of `--coordinates`.
    Coordinates {
        /// Orthogonal if the samples are, else gram if n < 2d, else dense
        Auto,
        /// The weights themselves: 2pnd multiply-adds a step
        Dense,
        /// Along pairwise orthogonal samples: 3pn
        Orthogonal,
        /// Moved by the Gram matrix of the samples: pn^2
        Gram,
    }
}
/// Parses a number of neurons.
pub(crate) fn width(text: &str) -> Result<u32, String> {
    count(text, 1 << 24).map(|p| p as u32)
}

fn steps(text: &str) -> Result<u64, String> {
    count(text, 1 << 40)
}

fn count(text: &str, most: u64) -> Result<u64, String> {
    let parsed = text.parse().ok().filter(|x| (1..=most).contains(x));
    parsed.ok_or_else(|| format!("expected a whole number from 1 to {most}"))
}

/// Parses a finite number above zero.
pub(crate) fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(x) if x.is_finite() && x > 0.0 => Ok(x),
        Ok(_) => Err("expected a finite number above 0".into()),
        Err(_) => Err("expected a number".into()),
    }
}

impl TrainArgs {
    /// The data, in memory or in their file.
    pub fn prepare(&self) -> Result<Prepared, Failure> {
        let test = self.test_data.as_deref();
        if self.method == Method::Flow && (self.stream || self.dt.is_some()) {
            return Err(Failure::bad_input(
                "--method flow chooses its own steps and needs all samples in memory: leave --dt \
                 and --stream away; --tolerance sets its accuracy and --until its length",
            ));
        }
        if !self.stream {
            return self.data.prepare(test);
        }
        if let Coordinates::Orthogonal | Coordinates::Gram = self.coordinates {
            return Err(Failure::bad_input(format!(
                "--coordinates {} with --stream: these coordinates need all samples in memory; \
                 leave one of the two away",
                json!(self.coordinates).as_str().unwrap_or_default()
            )));
        }
        self.data.prepare_streamed(test)
    }

    /// The scale in the kernels' terms.
    pub fn scale(&self) -> Scale {
        match self.scale {
            OutputScale::One => Scale::One,
            OutputScale::OneOverP => Scale::OneOverP,
        }
    }

    /// The coordinates that are asked for, if any are.
    pub fn kind(&self) -> Option<Kind> {
        match self.coordinates {
            Coordinates::Auto => None,
            Coordinates::Dense => Some(Kind::Dense),
            Coordinates::Orthogonal => Some(Kind::Orthogonal),
            Coordinates::Gram => Some(Kind::Gram),
        }
    }

    /// The law of the start in the kernels' terms.
    pub fn law(&self) -> Law {
        match self.init {
            Init::Balanced => Law::Balanced,
            Init::AsymmetricGaussian => Law::Asymmetric(Inner::Gaussian),
            Init::AsymmetricUniform => Law::Asymmetric(Inner::Uniform),
        }
    }

    /// The size of the start, which depends on its law where the user is silent.
    pub fn lambda(&self) -> f64 {
        self.lambda.unwrap_or(if self.init == Init::Balanced { 1e-3 } else { 1.0 })
    }

    /// All that decides the result.
    pub fn config(&self, prepared: &Prepared) -> Map<String, Value> {
        let mut map = Map::new();
        map.insert("command".into(), json!("train"));
        self.data.describe(&mut map, prepared);
        if let (Some(path), Some(hash)) = (&self.test_data, &prepared.test_hash) {
            map.insert("test_data".into(), json!(path.to_string_lossy()));
            map.insert("test_data_fnv1a".into(), json!(hash));
        }
        map.insert("width".into(), json!(self.width));
        map.insert("method".into(), json!(self.method));
        match self.method {
            Method::Gd => {
                let dt = self.dt.map_or_else(|| json!("auto"), |dt| json!(dt));
                map.insert("steps".into(), json!(self.steps));
                map.insert("dt".into(), dt);
            }
            Method::Flow => {
                map.insert("until".into(), json!(self.until));
                map.insert("tolerance".into(), json!(self.tolerance));
            }
        }
        map.insert("scale".into(), json!(self.scale));
        map.insert("init".into(), json!(self.init));
        map.insert("lambda".into(), json!(self.lambda()));
        map.insert("coordinates".into(), json!(self.coordinates));
        if let Some(stop) = self.stop_loss {
            map.insert("stop_loss".into(), json!(stop));
        }
        map.insert("arithmetic".into(), json!(self.arithmetic));
        map.insert("seed".into(), json!(self.seed));
        map.insert("precision".into(), json!(self.precision));
        map
    }
}
