//! What the build asks of the CPU, and what the CPU offers.
//!
//! The kernels choose their registers at compile time, so a build for AVX-512 started on an older
//! machine would die of SIGILL without a word. [`guard`] turns that into a sentence.
//!
//! `is_x86_feature_detected!` cannot help here: for a feature enabled at compile time it folds to
//! `true`. CPUID is asked directly instead. What cannot be guarded:
//! - code that runs before `main`: the start-up of the standard library comes precompiled for the
//!   baseline, but its generic parts are compiled for the build's level;
//! - `guard` itself, which is compiled for the build's level too. It is kept scalar and small, and
//!   was run under an emulator without AVX-512, but no rule of the language promises it;
//! - features that are not in the table below;
//! - registers that the operating system has switched off while CPUID announces them: XCR0 can be
//!   read only by `unsafe` code, so the size of the enabled XSAVE area stands in for it, which
//!   errs when the system disables AVX-512 but saves a later state component;
//! - x86 emulators that announce more than they execute, and other architectures, where the
//!   baseline (NEON on aarch64) is mandatory and more is not checked.

/// A CPU feature, as named by `-C target-feature`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feature {
    /// The compiler's spelling, e.g. `avx512f`.
    pub name: &'static str,
    /// The build may use it.
    pub compiled: bool,
    /// The machine (CPU and operating system) offers it.
    pub detected: bool,
}

#[cfg(any(target_arch = "x86_64", target_arch = "x86"))]
mod table {
    use super::Feature;
    use raw_cpuid::{CpuId, CpuIdReaderNative};

    macro_rules! features {
        ($($name:tt = $offered:expr,)+) => {
            [$(Feature { name: $name, compiled: cfg!(target_feature = $name), detected: $offered }),+]
        };
    }

    /// Component of the XSAVE area with the upper halves of the 256-bit registers.
    const YMM: u32 = 2;
    /// Component with the upper 16 of the 512-bit registers.
    const ZMM: u32 = 7;

    /// False if the XSAVE area that the operating system has enabled ends before `component`.
    /// The layout differs between makers of CPUs, so it is read, not assumed.
    fn saved(cpu: &CpuId<CpuIdReaderNative>, component: u32) -> bool {
        let Some(area) = cpu.get_extended_state_info() else {
            return true;
        };
        let enabled = area.xsave_area_size_enabled_features();
        let mut parts = area.iter();
        parts
            .find(|part| part.subleaf == component)
            .is_none_or(|part| part.offset() + part.size() <= enabled)
    }

    pub(super) fn name() -> Option<String> {
        let brand = CpuId::new().get_processor_brand_string()?;
        Some(brand.as_str().trim().to_string()).filter(|name| !name.is_empty())
    }

    pub(super) fn features() -> [Feature; 28] {
        let cpu = CpuId::new();
        let basic = cpu.get_feature_info();
        let basic = basic.as_ref();
        let wide = cpu.get_extended_feature_info();
        let wide = wide.as_ref();
        let lzcnt = cpu.get_extended_processor_and_feature_identifiers();
        let os = basic.is_some_and(|f| f.has_oxsave());
        let ymm = os && saved(&cpu, YMM) && basic.is_some_and(|f| f.has_avx());
        let zmm = ymm && saved(&cpu, ZMM) && wide.is_some_and(|f| f.has_avx512f());
        features! {
            "sse2" = basic.is_some_and(|f| f.has_sse2()),
            "sse3" = basic.is_some_and(|f| f.has_sse3()),
            "ssse3" = basic.is_some_and(|f| f.has_ssse3()),
            "sse4.1" = basic.is_some_and(|f| f.has_sse41()),
            "sse4.2" = basic.is_some_and(|f| f.has_sse42()),
            "popcnt" = basic.is_some_and(|f| f.has_popcnt()),
            "movbe" = basic.is_some_and(|f| f.has_movbe()),
            "lzcnt" = lzcnt.is_some_and(|f| f.has_lzcnt()),
            "bmi1" = wide.is_some_and(|f| f.has_bmi1()),
            "bmi2" = wide.is_some_and(|f| f.has_bmi2()),
            "avx" = ymm,
            "f16c" = ymm && basic.is_some_and(|f| f.has_f16c()),
            "fma" = ymm && basic.is_some_and(|f| f.has_fma()),
            "avx2" = ymm && wide.is_some_and(|f| f.has_avx2()),
            "vaes" = ymm && wide.is_some_and(|f| f.has_vaes()),
            "vpclmulqdq" = ymm && wide.is_some_and(|f| f.has_vpclmulqdq()),
            "gfni" = wide.is_some_and(|f| f.has_gfni()),
            "avx512f" = zmm,
            "avx512cd" = zmm && wide.is_some_and(|f| f.has_avx512cd()),
            "avx512bw" = zmm && wide.is_some_and(|f| f.has_avx512bw()),
            "avx512dq" = zmm && wide.is_some_and(|f| f.has_avx512dq()),
            "avx512vl" = zmm && wide.is_some_and(|f| f.has_avx512vl()),
            "avx512ifma" = zmm && wide.is_some_and(|f| f.has_avx512_ifma()),
            "avx512vbmi" = zmm && wide.is_some_and(|f| f.has_avx512vbmi()),
            "avx512vbmi2" = zmm && wide.is_some_and(|f| f.has_avx512vbmi2()),
            "avx512vnni" = zmm && wide.is_some_and(|f| f.has_avx512vnni()),
            "avx512bitalg" = zmm && wide.is_some_and(|f| f.has_avx512bitalg()),
            "avx512vpopcntdq" = zmm && wide.is_some_and(|f| f.has_avx512vpopcntdq()),
        }
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "x86")))]
mod table {
    use super::Feature;

    pub(super) fn name() -> Option<String> {
        None
    }

    /// NEON is part of the aarch64 baseline: a build that has it runs only where it exists.
    pub(super) fn features() -> [Feature; 1] {
        let neon = cfg!(target_feature = "neon");
        [Feature { name: "neon", compiled: neon, detected: neon }]
    }
}

/// What the CPU calls itself, or else its architecture.
pub fn name() -> String {
    table::name().unwrap_or_else(|| std::env::consts::ARCH.into())
}

/// Every feature that this crate knows to ask about.
pub fn features() -> Vec<Feature> {
    table::features().to_vec()
}

/// The names of those that are `on`.
pub fn names(on: fn(&Feature) -> bool) -> Vec<&'static str> {
    table::features().iter().filter(|f| on(f)).map(|f| f.name).collect()
}

/// Says on stderr which features the build needs and the machine lacks; false if there are any.
///
/// Must be the first call of `main`, and the rest of `main` must lie behind a function that is
/// not inlined, or the compiler may hoist a wide instruction above the check.
#[inline(never)]
pub fn guard() -> bool {
    let features = table::features();
    let fits = |f: &Feature| f.detected || !f.compiled;
    if features.iter().all(fits) {
        return true;
    }
    let mut missing = String::new();
    for feature in features.iter().filter(|f| !fits(f)) {
        if !missing.is_empty() {
            missing.push_str(", ");
        }
        missing.push_str(feature.name);
    }
    eprintln!(
        "error: this reluflow was built for a CPU with {missing}, which this machine does not \
         offer; rebuild it here with `cargo build --release`, or elsewhere with \
         RUSTFLAGS=\"-C target-cpu={}\" cargo build --release",
        level(&features, |f| f.detected)
    );
    false
}

/// The name for `-C target-cpu` of the highest x86-64 level whose vector features are all `on`.
pub fn level(features: &[Feature], on: impl Fn(&Feature) -> bool) -> &'static str {
    let all =
        |names: &[&str]| names.iter().all(|name| features.iter().any(|f| f.name == *name && on(f)));
    let v2 = ["sse3", "ssse3", "sse4.1", "sse4.2", "popcnt"];
    let v3 = ["avx", "avx2", "fma", "f16c", "bmi1", "bmi2", "lzcnt", "movbe"];
    let v4 = ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"];
    if !cfg!(target_arch = "x86_64") {
        "generic"
    } else if !all(&v2) {
        "x86-64"
    } else if !all(&v3) {
        "x86-64-v2"
    } else if !all(&v4) {
        "x86-64-v3"
    } else {
        "x86-64-v4"
    }
}

/// Name and width in bits of the widest float registers among the features that are `on`.
pub fn registers(features: &[Feature], on: impl Fn(&Feature) -> bool) -> (&'static str, u32) {
    let has = |name: &str| features.iter().any(|f| f.name == name && on(f));
    if has("avx512f") {
        ("AVX-512", 512)
    } else if has("avx") {
        ("AVX", 256)
    } else if has("sse2") {
        ("SSE2", 128)
    } else if has("neon") {
        ("NEON", 128)
    } else {
        ("scalar", 32)
    }
}

/// Why the build is slower than the machine allows, and how to build a faster one.
pub fn speed_left_behind(features: &[Feature]) -> Option<String> {
    if cfg!(debug_assertions) {
        return Some("this is a debug build, many times slower; build with --release".into());
    }
    let (built, built_bits) = registers(features, |f| f.compiled);
    let (offered, offered_bits) = registers(features, |f| f.detected);
    let how = "rebuild on this machine with `cargo build --release` inside the repository, which \
               builds for the native CPU (RUSTFLAGS in the environment overrides that)";
    if built_bits < offered_bits {
        return Some(format!(
            "built for {built} ({built_bits}-bit registers) while this machine has {offered} \
             ({offered_bits}-bit): up to {} times the speed is left behind; {how}",
            offered_bits / built_bits
        ));
    }
    let fma = features.iter().find(|f| f.name == "fma")?;
    (fma.detected && !fma.compiled).then(|| {
        format!("built without fused multiply-add, which halves the peak of this machine; {how}")
    })
}
