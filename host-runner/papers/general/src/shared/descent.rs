//! Gradient descent on the networks of a run, one after the other, with looks at their kernels.
use super::family::{
    DATA, EPOCHS, EXACT, Family, HIDDEN, LANCZOS, LOOKS, LR, NONE, Network, THETA,
};
use super::journal::History;
use super::pace::flops;
use super::problem::start;
use super::samples::Samples;
use super::tangent::{Means, Tangent};
use engine::deep::{DeepMemory, DeepNetwork, deep};
use engine::{Numerics, Report, exact};
use lab::checkpoint;
use lab::figure::{evenly_spaced, log_spaced};
use lab::{Context, Control, Failure};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Networks, data and starts of a run, and when it looks where.
pub struct Course<'a> {
    context: &'a Context<'a>,
    /// The networks.
    pub networks: Vec<Network>,
    /// What they are trained on.
    pub samples: Samples,
    /// Their parameters at the start.
    pub starts: Vec<Vec<f64>>,
    /// Steps.
    pub epochs: u64,
    /// Step of the clock.
    pub lr: f64,
    /// Data, network or start are the user's.
    pub own: bool,
    /// Digest of data and starts.
    digest: String,
    /// Epochs whose loss is kept, and those of looks.
    records: Vec<u64>,
    looks: Vec<u64>,
}

/// What a checkpoint holds beside the parameters.
#[derive(Serialize, Deserialize)]
struct Saved {
    /// Digest of data and starts, which may be files of the user's.
    data: String,
    done: Vec<History>,
    now: History,
}

impl<'a> Course<'a> {
    /// As the keys say.
    pub fn new(context: &'a Context<'a>, family: Family) -> Result<Self, Failure> {
        let samples = Samples::of(context, family)?;
        let networks = family.networks(context, samples.ends)?;
        if networks.len() > 1 && family == Family::Dense && context.get(THETA) != NONE {
            return Err(Failure::bad_input(format!(
                "--set theta={}: a start of one network, found {} of them; name it with --set hidden=8,8 \
                 or --set width=8",
                context.get(THETA),
                networks.len()
            )));
        }
        for network in &networks {
            network.fits(samples.n)?;
        }
        let starts = networks.iter().map(|network| start(context, family, network));
        let starts = starts.collect::<Result<Vec<_>, _>>()?;
        let total = context.get(EPOCHS).saturating_add(1);
        let at = |indices: Vec<usize>| indices.into_iter().map(|k| k as u64);
        let mut records: Vec<u64> =
            at(log_spaced(total, 200)).chain(at(evenly_spaced(total, 201))).collect();
        let looks: Vec<u64> = at(log_spaced(total, context.get(LOOKS))).collect();
        records.extend(&looks);
        records.sort_unstable();
        records.dedup();
        let (epochs, lr) = (context.get(EPOCHS) as u64, context.get(LR));
        let own = family == Family::Dense
            && [DATA, HIDDEN, THETA].map(|key| context.get(key)) != [NONE; 3];
        let digest = digest(&samples, &starts);
        Ok(Self { context, networks, samples, starts, epochs, lr, own, digest, records, looks })
    }

    /// Are the eigenvalues those of K itself?
    pub fn exact(&self) -> bool {
        self.samples.targets() <= self.context.get(EXACT)
    }

    /// Trains them all, from the checkpoint if there is one.
    pub fn train(&self) -> Result<Vec<History>, Failure> {
        self.context.progress.start(self.epochs * self.networks.len() as u64, "steps");
        let (mut done, mut resumed) = self.resume()?;
        while done.len() < self.networks.len() {
            let index = done.len();
            let (journal, theta) =
                resumed.take().unwrap_or_else(|| (History::default(), self.starts[index].clone()));
            let journal = self.train_one(&done, journal, theta)?;
            done.push(journal);
        }
        Ok(done)
    }

    /// The network after those that are done.
    fn train_one(
        &self,
        done: &[History],
        mut journal: History,
        mut theta: Vec<f64>,
    ) -> Result<History, Failure> {
        let (context, samples) = (self.context, &self.samples);
        let layers = &self.networks[done.len()].layers;
        let numerics = Numerics::of(context);
        let (mut trained, mut looked) = (DeepMemory::default(), DeepMemory::default());
        let problem = samples.problem(layers, &theta);
        let mut network = deep(numerics, &problem, &mut trained)?;
        let means = Means {
            exact: context.get(EXACT),
            products: context.get(LANCZOS),
            seed: context.config.seed,
            arithmetic: numerics.arithmetic,
        };
        let mut tangent = Tangent::new(layers, &theta, samples, means, &mut looked)?;
        let dt = Control::effective_dt(context.control(), self.lr);
        let edges = samples.graph.as_ref().map_or(0, |graph| graph.list.len());
        journal.pace.flops = flops(layers, samples.n, edges);
        let before = done.len() as u64 * self.epochs;
        if journal.first_step.is_none() {
            journal.first_step = Some(self.first_step(&mut *network, &theta, dt)?);
        }
        while !journal.broken {
            let due = self.looks.partition_point(|&at| at < journal.epoch);
            let seen = journal.looks.last().map(|look| look.epoch);
            if self.looks.get(due) == Some(&journal.epoch) && seen != Some(journal.epoch) {
                network.write(&mut theta)?;
                let mut pace = journal.pace;
                let (epoch, step) = (journal.epoch, network.step(0.0));
                let look = pace.look(|| tangent.look(&theta, epoch, told(step).1))?;
                journal.looks.extend(look);
                journal.pace = pace;
            }
            if journal.epoch == self.epochs {
                let step = network.step(0.0);
                self.note(&mut journal, told(step));
                break;
            }
            let next = self.looks.iter().copied().find(|&at| at > journal.epoch);
            let left = next.unwrap_or(self.epochs) - journal.epoch;
            let mut pace = journal.pace;
            let steps = left.min(pace.block());
            pace.steps(context.config.precision, steps, || {
                for _ in 0..steps {
                    let step = network.step(dt);
                    if !self.note(&mut journal, told(step)) {
                        break;
                    }
                    journal.epoch += 1;
                }
            });
            journal.pace = pace;
            context.progress.at(before + journal.epoch);
            if context.checkpoint_due() {
                network.write(&mut theta)?;
                self.save(done, &journal, &theta)?;
            }
            if context.interrupted() {
                return Err(context.stopped());
            }
        }
        Ok(journal)
    }

    /// <theta_1 - theta_0, -grad L> over lr |grad L|^2, for a step of length `dt` that is taken back.
    fn first_step(
        &self,
        network: &mut dyn DeepNetwork,
        theta: &[f64],
        dt: f64,
    ) -> Result<f64, Failure> {
        let (mut slopes, mut moved) = (vec![0.0; theta.len()], vec![0.0; theta.len()]);
        network.gradient(&mut slopes)?;
        network.step(dt);
        network.write(&mut moved)?;
        network.restore(theta)?;
        moved.iter_mut().zip(theta).for_each(|(after, before)| *after -= before);
        Ok(-exact::dot(&moved, &slopes) / (self.lr * exact::norm_sq(&slopes)))
    }

    /// Takes note of a step; false where the run ends for its loss is not a number any more.
    fn note(&self, journal: &mut History, (loss, mu): (f64, f64)) -> bool {
        journal.broken = !(loss.is_finite() && mu.is_finite());
        if !journal.broken {
            journal.step(loss, mu, self.lr);
            if self.records.binary_search(&journal.epoch).is_ok() {
                journal.record();
            }
        }
        !journal.broken
    }

    /// Every checkpoint has room for the largest network.
    fn largest(&self) -> usize {
        self.starts.iter().map(Vec::len).max().unwrap_or(0)
    }

    fn save(&self, done: &[History], now: &History, theta: &[f64]) -> Result<(), Failure> {
        let saved = Saved { data: self.digest.clone(), done: done.to_vec(), now: now.clone() };
        let mut state = theta.to_vec();
        state.resize(self.largest(), 0.0);
        self.context.save_checkpoint(&checkpoint::encode(&saved, &state)?)
    }

    #[allow(clippy::type_complexity, reason = "what is done, and the network that was trained")]
    fn resume(&self) -> Result<(Vec<History>, Option<(History, Vec<f64>)>), Failure> {
        let Some(bytes) = self.context.load_checkpoint()? else {
            return Ok((Vec::new(), None));
        };
        let (saved, mut state) = checkpoint::decode::<Saved>(&bytes, self.largest())?;
        if saved.data != self.digest || saved.done.len() >= self.networks.len() {
            return Err(Failure::bad_input(
                "the checkpoint in the --out folder is of other data or another start; choose another \
                 --out, or delete the file `checkpoint` to start again",
            ));
        }
        state.truncate(self.starts[saved.done.len()].len());
        Ok((saved.done, Some((saved.now, state))))
    }
}

/// Of all that a resumed run must find as it was.
fn digest(samples: &Samples, starts: &[Vec<f64>]) -> String {
    let mut digest = Sha256::new();
    for values in [&samples.x, &samples.y].into_iter().chain(starts) {
        values.iter().for_each(|x| digest.update(x.to_le_bytes()));
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// (L, -d log L/dt); where L is 0 nothing is left to fall.
fn told(step: Report) -> (f64, f64) {
    (step.loss, step.mu.unwrap_or(0.0))
}
