//! Work shared among threads.
use engine::parallel::Pool;
use lab::Failure;

#[test]
fn results_and_failures_come_in_the_order_of_the_items() {
    for threads in [1, 2, 5] {
        let pool = Pool::new(threads).unwrap();
        assert_eq!(pool.threads(), threads);
        let scratches = pool.per_thread(|| 0usize);
        let odd = |visits: &mut usize, index: usize, item: usize| {
            *visits += 1;
            assert_eq!(index * 3, item);
            match item % 2 {
                0 => Ok(item + 1),
                _ => Err(Failure::failed(item.to_string())),
            }
        };
        let items = |count: usize| (0..count).map(|index| index * 3).collect();
        assert_eq!(pool.each(&scratches, items(1), odd).unwrap(), [1]);
        assert_eq!(pool.each(&scratches, items(40), odd).unwrap_err().to_string(), "3");
        let even = |_: &mut usize, _, item: usize| Ok(item);
        assert_eq!(pool.each(&scratches, items(40), even).unwrap(), items(40));
    }
}
