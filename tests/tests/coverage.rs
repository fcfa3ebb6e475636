//! No public function of the kernels without a mention in a suite, and no build without the
//! instructions it claims.

use std::fs;
use std::path::{Path, PathBuf};

/// Public functions that no suite calls by name, and why.
const ALLOWED: [(&str, &str); 0] = [];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}")) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Names after `pub fn` or `pub const fn`, and the methods of the public traits; comments left out.
fn public_functions(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    let (mut depth, mut trait_depth) = (0, None);
    for line in source.lines().map(str::trim).filter(|line| !line.starts_with("//")) {
        if line.starts_with("pub trait ") {
            trait_depth = Some(depth);
        }
        let signature =
            ["pub fn ", "pub const fn "].iter().find_map(|start| line.strip_prefix(start));
        let method = line.strip_prefix("fn ").filter(|_| trait_depth.is_some());
        if let Some(rest) = signature.or(method) {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            names.push(rest[..end].to_owned());
        }
        depth += line.matches('{').count() as isize - line.matches('}').count() as isize;
        if trait_depth.is_some_and(|start| depth <= start && line.contains('}')) {
            trait_depth = None;
        }
    }
    names
}

/// Is `name` called in `source`, by itself and not as the end of another name?
fn mentions(source: &str, name: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    source.match_indices(name).any(|(at, _)| {
        let before = source[..at].chars().next_back();
        let after = source[at + name.len()..].chars().next();
        before.is_some_and(|c| c == '.' || c == ':' || c == ' ' || c == '(' || c == '!' || c == '&')
            && after.is_some_and(|c| !is_word(c))
    })
}

/// Public functions that the link-time proof need not call, and why.
const CANNOT_PANIC: [(&str, &str); 6] = [
    ("len", "evaluated by the compiler"),
    ("len_orthogonal", "the same"),
    ("forward", "of a type that is not exported, as the next three"),
    ("backward", ""),
    ("residual", ""),
    ("gate", ""),
];

/// Private modules with methods of public types.
const METHODS: [&str; 3] = ["flow/accept", "flow/write", "spectrum/ends"];

/// Does this file hold functions that users can call? `lib.rs`, and what is declared public by its parent,
/// which is declared public by its own.
fn is_public(file: &Path) -> bool {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../kernels/src");
    let inside = file.strip_prefix(&root).unwrap().with_extension("");
    if inside == Path::new("lib") || METHODS.iter().any(|name| inside == Path::new(name)) {
        return true;
    }
    let mut parent = PathBuf::from("lib");
    for module in inside.iter().map(|part| part.to_string_lossy()) {
        let source = fs::read_to_string(root.join(&parent).with_extension("rs")).unwrap();
        if !source.contains(&format!("pub mod {module};")) {
            return false;
        }
        parent = if parent == Path::new("lib") {
            PathBuf::from(&*module)
        } else {
            parent.join(&*module)
        };
    }
    true
}

/// Everything that users can call is in the image that does not link if anything in it can panic.
#[test]
fn every_public_function_is_in_the_proof() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let image: String = sources(&root.join("no_panic/src"))
        .iter()
        .map(|file| fs::read_to_string(file).unwrap())
        .collect();
    let mut missing = Vec::new();
    for file in sources(&root.join("../kernels/src")) {
        let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
        // Traits are called by everything else.
        if !is_public(&file) || ["lib", "lanes", "real"].contains(&&*stem) {
            continue;
        }
        for name in public_functions(&fs::read_to_string(&file).unwrap()) {
            if !mentions(&image, &name) && !CANNOT_PANIC.iter().any(|(free, _)| *free == name) {
                missing.push(format!("{stem}.rs: {name}"));
            }
        }
    }
    assert!(missing.is_empty(), "no_panic does not call {missing:#?}");
}

#[test]
fn every_public_function_has_a_suite() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &PathBuf| fs::read_to_string(path).unwrap();
    let suites: Vec<String> = sources(&root.join("tests"))
        .iter()
        .filter(|path| !path.ends_with("coverage.rs"))
        .chain(&sources(&root.join("src")))
        .map(read)
        .map(|text| {
            // A comment is not a test.
            let code = text.lines().filter(|line| !line.trim().starts_with("//"));
            code.collect::<Vec<_>>().join("\n")
        })
        .collect();
    // Private modules have nothing to cover.
    let mut kernels = sources(&root.join("../kernels/src"));
    kernels.retain(|file| is_public(file));
    let mut count = 0;
    let mut missing = Vec::new();
    for file in &kernels {
        for name in public_functions(&read(file)) {
            count += 1;
            let covered = suites.iter().any(|suite| mentions(suite, &name));
            if !covered && !ALLOWED.iter().any(|(allowed, _)| *allowed == name) {
                missing.push(format!("{}: {name}", file.file_name().unwrap().display()));
            }
        }
    }
    assert!(count > 100, "found only {count} public functions: has the layout changed?");
    assert!(missing.is_empty(), "no suite mentions {missing:#?}");
}

/// The parser itself: what counts and what does not.
#[test]
fn the_parser_finds_what_is_public() {
    let source = "pub fn one() {}\n// pub fn two()\n    pub const fn three(self) -> T {\n}\n\
                  fn four() {}\npub(crate) fn five() {}\npub trait T {\n    fn six(self);\n}\nfn seven() {}";
    assert_eq!(public_functions(source), ["one", "three", "six"]);
    assert!(mentions("state.loss()", "loss") && mentions("use a::{b, loss};", "loss"));
    assert!(!mentions("let loss_at = 1;", "loss") && !mentions("a_loss(1)", "loss"));
}

/// `EXPECT_FEATURE=avx2,fma` fails where the build does not use them: a job that means to test an
/// instruction set must not pass by testing another.
#[test]
fn expected_features_are_compiled_in() {
    const FEATURES: [(&str, bool); 13] = [
        ("sse2", cfg!(target_feature = "sse2")),
        ("sse4.1", cfg!(target_feature = "sse4.1")),
        ("sse4.2", cfg!(target_feature = "sse4.2")),
        ("avx", cfg!(target_feature = "avx")),
        ("avx2", cfg!(target_feature = "avx2")),
        ("fma", cfg!(target_feature = "fma")),
        ("avx512f", cfg!(target_feature = "avx512f")),
        ("avx512vl", cfg!(target_feature = "avx512vl")),
        ("avx512dq", cfg!(target_feature = "avx512dq")),
        ("avx512bw", cfg!(target_feature = "avx512bw")),
        ("neon", cfg!(target_feature = "neon")),
        ("simd128", cfg!(target_feature = "simd128")),
        ("relaxed-simd", cfg!(target_feature = "relaxed-simd")),
    ];
    let expected = std::env::var("EXPECT_FEATURE").unwrap_or_default();
    // A leading `-` asks for a build without it.
    for name in expected.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        let (wanted, name) = match name.strip_prefix('-') {
            Some(rest) => (false, rest),
            None => (true, name),
        };
        let found = FEATURES.iter().find(|(feature, _)| *feature == name);
        let &(_, compiled) = found.unwrap_or_else(|| panic!("EXPECT_FEATURE: unknown `{name}`"));
        assert_eq!(compiled, wanted, "EXPECT_FEATURE: {name} compiled in: {compiled}");
    }
}

/// The widest native type follows from the features.
#[test]
fn native_lanes_follow_the_features() {
    use reluflow::Lanes;
    use reluflow::lanes::{NativeF32, NativeF64};
    let bytes = if cfg!(target_feature = "avx512f") {
        64
    } else if cfg!(target_feature = "avx") {
        32
    } else if cfg!(any(
        target_feature = "sse2",
        target_feature = "neon",
        target_feature = "simd128"
    )) {
        16
    } else {
        0
    };
    assert_eq!(NativeF32::WIDTH, (bytes / 4).max(1));
    assert_eq!(NativeF64::WIDTH, (bytes / 8).max(1));
}
