//! Where a data set is cut.
use engine::parallel::Cuts;
use reluflow::samples::BLOCK;

#[test]
fn pieces_cover_the_samples_in_whole_blocks_of_nearly_equal_number() {
    for n in [1, 143, 2304, 2305, 3000, 5000, 147_456, 147_457, 200_000, 10_000_000] {
        let cuts = Cuts::of(n);
        let pieces: Vec<_> = cuts.each().collect();
        assert_eq!((pieces[0].start, pieces.last().unwrap().end), (0, n));
        assert!(pieces.windows(2).all(|two| two[0].end == two[1].start), "{n}");
        assert!(pieces.iter().all(|piece| !piece.is_empty()), "{n}");
        assert!(
            pieces.len() <= 64
                && pieces[..pieces.len() - 1]
                    .iter()
                    .all(|piece| { piece.len() == cuts.longest() && piece.len() % BLOCK == 0 })
        );
    }
    assert_eq!((Cuts::of(2304).count(), Cuts::of(2305).count()), (1, 2));
    assert_eq!((Cuts::of(200_000).count(), Cuts::of(200_000).longest()), (64, 3168));
}
