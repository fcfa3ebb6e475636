//! Films: the same panels at many times, as a page that plays them or as a figure of some of them.
use super::axes;
use super::model::{Figure, Panel};
use super::spacing::evenly_spaced;

/// What a film shows at one time.
#[derive(Debug, Clone)]
pub struct Frame {
    /// When.
    pub caption: String,
    /// From left to right.
    pub panels: Vec<Panel>,
}

impl Frame {
    /// A frame without panels; the caption says when, e.g. `iteration 4000`.
    pub fn new(caption: impl Into<String>) -> Self {
        Self { caption: caption.into(), panels: Vec::new() }
    }

    /// Adds a panel to the right.
    pub fn panel(mut self, panel: Panel) -> Self {
        self.panels.push(panel);
        self
    }
}

/// Frames under one title, all with the same axes.
#[derive(Debug, Clone)]
pub struct Film {
    /// File name without extension.
    pub name: String,
    /// Above every frame.
    pub title: String,
    /// In time.
    pub frames: Vec<Frame>,
}

impl Film {
    /// A film of `frames`. Ranges that no panel fixes become those of all frames' points together.
    pub fn new(
        name: impl Into<String>,
        title: impl Into<String>,
        frames: impl IntoIterator<Item = Frame>,
    ) -> Self {
        let mut frames: Vec<Frame> = frames.into_iter().collect();
        axes::share(&mut frames.iter_mut().map(|frame| &mut frame.panels).collect::<Vec<_>>());
        Self { name: name.into(), title: title.into(), frames }
    }

    /// A figure of at most `count` of the frames, evenly spaced, with the first and the last. The
    /// captions become the titles of the panels.
    pub fn strip(&self, name: impl Into<String>, count: usize) -> Figure {
        let mut figure = Figure::new(name, self.title.clone());
        for frame in evenly_spaced(self.frames.len(), count).into_iter().map(|k| &self.frames[k]) {
            for panel in &frame.panels {
                let title = match panel.title.as_str() {
                    "" => frame.caption.clone(),
                    title => format!("{title}, {}", frame.caption),
                };
                figure = figure.panel(Panel { title, ..panel.clone() });
            }
        }
        figure
    }
}
