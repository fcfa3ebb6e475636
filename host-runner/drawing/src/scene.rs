//! What is drawn, in units of the SVG, with the origin at the top left.

/// A place.
pub(crate) type Point = (f64, f64);

/// Red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Colour(pub(crate) u8, pub(crate) u8, pub(crate) u8);

pub(crate) const BLACK: Colour = Colour(0, 0, 0);
pub(crate) const WHITE: Colour = Colour(255, 255, 255);

/// A picture.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// The later ones over the earlier ones.
    pub(crate) shapes: Vec<Shape>,
}

/// One thing on a picture.
#[derive(Debug)]
pub(crate) enum Shape {
    Area { area: Area, fill: Option<(Colour, f64)>, edge: Option<Stroke> },
    Lines { lines: Vec<Vec<Point>>, stroke: Stroke },
    Marks { at: Vec<Point>, mark: Mark, radius: f64, colour: Colour },
    Text(Text),
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stroke {
    pub(crate) colour: Colour,
    pub(crate) width: f64,
    /// Lengths of a dash and of the gap after it.
    pub(crate) dashes: Option<(f64, f64)>,
}

impl Stroke {
    pub(crate) fn solid(colour: Colour, width: f64) -> Self {
        Self { colour, width, dashes: None }
    }
}

/// One line of text on its baseline.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) at: Point,
    pub(crate) size: f64,
    pub(crate) anchor: Anchor,
    /// Upwards instead of to the right.
    pub(crate) turned: bool,
    pub(crate) colour: Colour,
}

/// What of a text is at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// The shape of a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    Dot,
    Diamond,
    Triangle,
    Square,
    Star,
}

impl Mark {
    /// Its corners around the origin; none for a dot. All look about as large as a dot of `radius`.
    pub(crate) fn corners(self, radius: f64) -> Vec<Point> {
        // Corner `k` of `count` on a circle, from the top.
        let on = |r: f64, k: usize, count: usize| {
            let (sin, cos) = (std::f64::consts::TAU * k as f64 / count as f64).sin_cos();
            (r * sin, -r * cos)
        };
        match self {
            Self::Dot => Vec::new(),
            Self::Diamond => (0..4).map(|k| on(1.25 * radius, k, 4)).collect(),
            Self::Triangle => (0..3).map(|k| on(1.35 * radius, k, 3)).collect(),
            Self::Square => {
                let half = 0.89 * radius;
                vec![(-half, -half), (half, -half), (half, half), (-half, half)]
            }
            // The inner radius at which opposite arms' edges lie on one line.
            Self::Star => (0..10)
                .map(|k| on(if k % 2 == 0 { radius } else { 0.382 * radius }, k, 10))
                .collect(),
        }
    }
}

/// An upright rectangle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Area {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Area {
    pub(crate) fn right(&self) -> f64 {
        self.x + self.width
    }

    pub(crate) fn bottom(&self) -> f64 {
        self.y + self.height
    }

    pub(crate) fn holds(&self, (x, y): Point) -> bool {
        (self.x..=self.right()).contains(&x) && (self.y..=self.bottom()).contains(&y)
    }

    pub(crate) fn meets(&self, other: &Self) -> bool {
        self.x < other.right()
            && other.x < self.right()
            && self.y < other.bottom()
            && other.y < self.bottom()
    }
}
