//! The memory of a flow.
use reluflow::flow::{Mode, Rules, Span, Start};
use reluflow::{Error, Flow, Lanes, Real, SamplesView, Scale};

/// What the kernels borrow to integrate the flow of p neurons on these samples.
pub struct FlowMemory<'a, L: Lanes> {
    samples: SamplesView<'a, L::Elem>,
    orthogonal: bool,
    span: Vec<L::Elem>,
    numbers: Vec<L::Elem>,
    modes: Vec<Mode>,
}

impl<'a, L: Lanes> FlowMemory<'a, L> {
    /// For `p` neurons; `orthogonal` says that the samples are pairwise orthogonal.
    pub fn new(p: usize, samples: SamplesView<'a, L::Elem>, orthogonal: bool) -> Self {
        let (n, d) = (samples.n(), samples.d());
        let (span, numbers) = if orthogonal {
            (Span::<L>::len_orthogonal(n), Flow::<L>::len_orthogonal(p, n))
        } else {
            (Span::<L>::len(n, d), Flow::<L>::len(p, n, d))
        };
        let zeros = |count| vec![L::Elem::ZERO; count];
        let modes = vec![Mode::Inactive; Flow::<L>::modes(p, n)];
        Self { samples, orthogonal, span: zeros(span), numbers: zeros(numbers), modes }
    }

    /// A flow that begins at `start`.
    ///
    /// # Errors
    /// Those of [`Span`] and [`Flow::new`].
    pub fn flow(
        &mut self,
        start: Start<'_, L::Elem>,
        scale: Scale,
        rules: Rules<L::Elem>,
    ) -> Result<Flow<'_, L>, Error> {
        let span = if self.orthogonal {
            Span::orthogonal(self.samples, &mut self.span)?
        } else {
            Span::new(self.samples, &mut self.span)?
        };
        Flow::new(start, self.samples, span, scale, rules, &mut self.numbers, &mut self.modes)
    }
}
