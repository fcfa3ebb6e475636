//! What does not fit is refused by name.

use reluflow::deep::{Activation, Deep, Graph, Layer, check, parameters};
use reluflow::{Dim, Error, init};

const LINEAR: Activation = Activation::Identity;
const LAYERS: [Layer; 2] = [Layer::dense(3, 4, Activation::Relu), Layer::dense(4, 2, LINEAR)];

fn shape(dim: Dim, expected: usize, found: usize) -> Error {
    Error::Shape { dim, expected, found }
}

#[test]
fn layers_that_do_not_fit() {
    let dense = |inputs, outputs| Layer::dense(inputs, outputs, LINEAR);
    assert_eq!(check(&LAYERS, 7), Ok(()));
    assert_eq!(check(&[], 7), Err(Error::Depth));
    assert_eq!(check(&[dense(0, 1)], 7), Err(Error::Layer { at: 0 }));
    assert_eq!(check(&[dense(1, 0)], 7), Err(Error::Layer { at: 0 }));
    assert_eq!(check(&[dense(1, 2), dense(3, 1)], 7), Err(Error::Layer { at: 1 }));
    let residual = Layer { residual: true, ..dense(2, 3) };
    assert_eq!(check(&[dense(1, 2), residual], 7), Err(Error::Layer { at: 1 }));
    let huge = usize::MAX / 2048;
    assert_eq!(check(&[dense(huge, 3)], 1), Err(Error::TooLarge));
    assert_eq!(check(&[dense(3, 3)], huge), Err(Error::TooLarge));
    assert_eq!(check(&[dense(1, huge), dense(huge, 1)], 1), Err(Error::TooLarge));
}

#[test]
fn parameters_are_counted() {
    assert_eq!(parameters(&LAYERS), 3 * 4 + 4 + 4 * 2 + 2);
    assert_eq!(parameters(&[Layer::dense(3, 4, Activation::Parametric).unbiased()]), 13);
    assert_eq!(parameters(&[Layer::residual(100, LINEAR); 8]), 80800);
    const _: () = assert!(parameters(&LAYERS) == 26);
}

#[test]
fn arrays_that_do_not_fit() {
    let (theta, x, y) = ([0.1f32; 26], [0.5; 15], [1.0; 10]);
    let mut memory = [0.0; Deep::<f32>::len(&LAYERS, 5)];
    let len = memory.len();
    let new = |theta: &[f32], x: &[f32], y: &[f32], graph, memory: &mut [f32]| {
        Deep::<f32>::new(&LAYERS, theta, x, y, graph, memory).err()
    };
    assert_eq!(new(&theta, &x, &y, None, &mut memory), None);
    assert_eq!(new(&theta[1..], &x, &y, None, &mut memory), Some(shape(Dim::W, 26, 25)));
    assert_eq!(new(&theta, &x[1..], &y, None, &mut memory), Some(shape(Dim::X, 12, 14)));
    assert_eq!(new(&theta, &x[..2], &y, None, &mut memory), Some(Error::Empty { dim: Dim::N }));
    assert_eq!(new(&theta, &x, &y[1..], None, &mut memory), Some(shape(Dim::Y, 10, 9)));
    let short = Error::Memory { needed: len, found: len - 1 };
    assert_eq!(new(&theta, &x, &y, None, &mut memory[1..]), Some(short));
    let (starts, neighbours) = ([0, 1, 2], [0, 1]);
    let mut weights = [0.0; 2];
    let graph = Graph::normalised(&starts, &neighbours, &mut weights).unwrap();
    assert_eq!(new(&theta, &x, &y, Some(graph), &mut memory), Some(shape(Dim::N, 5, 2)));

    let mut deep = Deep::<f32>::new(&LAYERS, &theta, &x, &y, None, &mut memory).unwrap();
    let (mut few, mut out) = ([0.0; 3], [0.0; 26]);
    assert_eq!(deep.predictions(&mut few), Err(shape(Dim::Output, 10, 3)));
    assert_eq!(deep.gradient(&mut few).err(), Some(shape(Dim::Output, 26, 3)));
    assert_eq!(deep.write(&mut few), Err(shape(Dim::Output, 26, 3)));
    assert_eq!(deep.restore(&few), Err(shape(Dim::W, 26, 3)));
    assert_eq!(deep.pullback(&few, &mut out), Err(shape(Dim::Y, 10, 3)));
    assert_eq!(deep.pullback(&y, &mut few), Err(shape(Dim::Output, 26, 3)));
    assert_eq!(deep.rayleigh(&few), Err(shape(Dim::Y, 10, 3)));
    let mut tangent = [0.0; Deep::<f32>::tangent_len(&LAYERS, 5)];
    let needed = tangent.len();
    let mut h = [0.0; 10];
    assert_eq!(deep.push(&few, &mut h, &mut tangent), Err(shape(Dim::W, 26, 3)));
    assert_eq!(deep.push(&theta, &mut few, &mut tangent), Err(shape(Dim::Output, 10, 3)));
    assert_eq!(
        deep.push(&theta, &mut h, &mut tangent[1..]),
        Err(Error::Memory { needed, found: needed - 1 })
    );
    assert_eq!(deep.kernel_product(&y, &mut few, &mut tangent), Err(shape(Dim::Output, 10, 3)));
    assert_eq!(deep.kernel_product(&few, &mut h, &mut tangent), Err(shape(Dim::Y, 10, 3)));
    let mut rng = init::stream(1, "errors", 0, 0);
    assert_eq!(init::kaiming_uniform(&LAYERS, &mut few, &mut rng), Err(shape(Dim::W, 26, 3)));
}

#[test]
fn graphs_that_are_none() {
    let new = |starts: &[usize], neighbours: &[usize]| {
        let mut weights = vec![0.0f64; neighbours.len()];
        Graph::normalised(starts, neighbours, &mut weights).map(|graph| graph.n())
    };
    assert_eq!(new(&[0, 2, 4], &[0, 1, 0, 1]), Ok(2));
    assert_eq!(new(&[], &[]), Err(Error::Empty { dim: Dim::N }));
    assert_eq!(new(&[0], &[]), Err(Error::Empty { dim: Dim::N }));
    assert_eq!(new(&[0, 2, 3], &[0, 1, 0, 1]), Err(Error::Graph { i: 0 }), "does not end");
    assert_eq!(new(&[0, 1, 1, 2], &[0, 2]), Err(Error::Graph { i: 1 }), "no neighbours");
    assert_eq!(new(&[0, 2, 4], &[1, 0, 0, 1]), Err(Error::Graph { i: 0 }), "not ascending");
    assert_eq!(new(&[0, 2, 3], &[0, 1, 1]), Err(Error::Graph { i: 0 }), "not mutual");
    assert_eq!(new(&[0, 1, 2], &[0, 7]), Err(Error::Graph { i: 1 }), "not a sample");
    assert_eq!(
        new(&[0, 3, 1, 4], &[0, 1, 0, 1]),
        Err(Error::Graph { i: 0 }),
        "not ascending starts"
    );
    let mut weights = [0.0f64; 1];
    let short = Graph::normalised(&[0, 1, 2], &[0, 1], &mut weights);
    assert_eq!(short.err(), Some(shape(Dim::Output, 2, 1)));

    const GRAPH: [Layer; 1] = [Layer::graph(1, 1, LINEAR)];
    let mut memory = [0.0; Deep::<f64>::len(&GRAPH, 2)];
    let none = Deep::<f64>::new(&GRAPH, &[1.0, 0.0], &[1.0, 2.0], &[0.0; 2], None, &mut memory);
    assert_eq!(none.err(), Some(Error::Graph { i: 0 }));
    for error in [Error::Depth, Error::Layer { at: 3 }, Error::Graph { i: 4 }] {
        assert!(!error.to_string().is_empty());
    }
}
