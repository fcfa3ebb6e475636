//! What the build asks of the CPU.
#[cfg(not(debug_assertions))]
use engine::cpu::speed_left_behind;
use engine::cpu::{Feature, guard, level, registers};

fn machine(compiled: &[&str], detected: &[&str]) -> Vec<Feature> {
    ["sse2", "avx", "avx2", "fma", "avx512f"]
        .into_iter()
        .map(|name| Feature {
            name,
            compiled: compiled.contains(&name),
            detected: detected.contains(&name),
        })
        .collect()
}

#[test]
fn this_test_runs_so_the_guard_lets_it() {
    assert!(guard());
}

#[test]
fn registers_follow_the_widest_feature() {
    let features = machine(&["sse2"], &["sse2", "avx", "avx2", "fma", "avx512f"]);
    assert_eq!(registers(&features, |f| f.compiled), ("SSE2", 128));
    assert_eq!(registers(&features, |f| f.detected), ("AVX-512", 512));
}

#[cfg(target_arch = "x86_64")]
#[test]
fn every_level_contains_the_one_below() {
    let features = machine(&[], &["avx512f"]);
    assert_eq!(level(&features, |f| f.detected), "x86-64");
}

#[cfg(not(debug_assertions))]
#[test]
fn a_build_that_leaves_nothing_behind_is_not_warned_about() {
    let all = ["sse2", "avx", "avx2", "fma", "avx512f"];
    assert_eq!(speed_left_behind(&machine(&all, &all)), None);
    let said = speed_left_behind(&machine(&["sse2"], &all)).unwrap();
    assert!(said.contains("SSE2") && said.contains("AVX-512") && said.contains("4 times"));
    assert!(speed_left_behind(&machine(&["sse2", "avx"], &["sse2", "avx", "fma"])).is_some());
}
