//! `header write` writes include/reluflow.h from the crate, `header check` says whether it is current.

use std::error::Error;
use std::{env, fs};

use cbindgen::{
    Builder, Config, DocumentationStyle, EnumConfig, ExportConfig, Language, RenameRule, Style,
};

const LIBRARY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const HEADER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../include/reluflow.h");

/// Rust's name and C's. Pointers are types of their own in Rust.
const NAMES: [(&str, &str); 27] = [
    ("Status", "reluflow_status"),
    ("Scale", "reluflow_scale"),
    ("Inner", "reluflow_inner"),
    ("Flag", "reluflow_flag"),
    ("Report", "reluflow_report"),
    ("ReportSlot", "reluflow_report *"),
    ("FlagsSlot", "uint32_t *"),
    ("Geometry", "reluflow_geometry"),
    ("GeometrySlot", "reluflow_geometry *"),
    ("GeometryGiven", "const reluflow_geometry *"),
    ("Bounds", "reluflow_bounds"),
    ("BoundsSlot", "reluflow_bounds *"),
    ("In", "const float *"),
    ("Out", "float *"),
    ("Block", "void *"),
    ("DenseHandle", "reluflow_dense *"),
    ("DenseView", "const reluflow_dense *"),
    ("DenseSlot", "reluflow_dense **"),
    ("GramHandle", "reluflow_gram *"),
    ("GramView", "const reluflow_gram *"),
    ("GramSlot", "reluflow_gram **"),
    ("OrthogonalHandle", "reluflow_orthogonal *"),
    ("OrthogonalView", "const reluflow_orthogonal *"),
    ("OrthogonalSlot", "reluflow_orthogonal **"),
    ("StreamHandle", "reluflow_stream *"),
    ("StreamView", "const reluflow_stream *"),
    ("StreamSlot", "reluflow_stream **"),
];

fn version() -> String {
    let version = env!("CARGO_PKG_VERSION");
    let [major, minor, patch] = [
        env!("CARGO_PKG_VERSION_MAJOR"),
        env!("CARGO_PKG_VERSION_MINOR"),
        env!("CARGO_PKG_VERSION_PATCH"),
    ];
    format!(
        "/* Version of this header; reluflow_version() is that of the library that is linked. */\n\
         #define RELUFLOW_VERSION_MAJOR {major}\n\
         #define RELUFLOW_VERSION_MINOR {minor}\n\
         #define RELUFLOW_VERSION_PATCH {patch}\n\
         #define RELUFLOW_VERSION_STRING \"{version}\"\n\
         #define RELUFLOW_VERSION \\\n  (RELUFLOW_VERSION_MAJOR * UINT32_C(65536) + \
         RELUFLOW_VERSION_MINOR * UINT32_C(256) + \\\n   RELUFLOW_VERSION_PATCH)\n\n\
         /* What reluflow_golden returns on a target that computes what every other one does. */\n\
         #define RELUFLOW_GOLDEN UINT64_C({:#018x})\n",
        reluflow::golden::HASH
    )
}

fn header() -> Result<Vec<u8>, Box<dyn Error>> {
    let own = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    let config = Config {
        language: Language::C,
        style: Style::Both,
        cpp_compat: true,
        include_guard: Some("RELUFLOW_H".to_owned()),
        header: Some(include_str!("../top.h").trim_end().to_owned()),
        no_includes: true,
        sys_includes: own(&["stddef.h", "stdint.h"]),
        after_includes: Some(format!("\n{}{}", version(), include_str!("../sizes.h").trim_end())),
        documentation_style: DocumentationStyle::C99,
        usize_is_size_t: true,
        line_length: 100,
        export: ExportConfig {
            rename: NAMES.map(|(rust, c)| (rust.to_owned(), c.to_owned())).into(),
            include: own(&["Status", "Scale", "Inner", "Flag", "Report", "Geometry", "Bounds"]),
            ..ExportConfig::default()
        },
        enumeration: EnumConfig {
            rename_variants: RenameRule::QualifiedScreamingSnakeCase,
            ..EnumConfig::default()
        },
        ..Config::default()
    };
    let mut text = Vec::new();
    Builder::new().with_config(config).with_crate(LIBRARY).generate()?.write(&mut text);
    // A pointer's star belongs to its name.
    let pointers = NAMES.iter().filter(|(_, c)| c.ends_with('*'));
    let text =
        pointers.fold(String::from_utf8(text)?, |text, (_, c)| text.replace(&format!("{c} "), c));
    Ok(text.into_bytes())
}

fn main() -> Result<(), Box<dyn Error>> {
    match env::args().nth(1).as_deref() {
        Some("write") => Ok(fs::write(HEADER, header()?)?),
        Some("check") if fs::read(HEADER)? == header()? => Ok(()),
        Some("check") => {
            Err("include/reluflow.h is not what the crate says: run `make header`".into())
        }
        _ => Err("usage: header write | check".into()),
    }
}
