//! Does this build compute what every target must compute? Prints the hash of four training runs at
//! each width of registers; the exit status is 1 where one differs.
//!
//! ```sh
//! RUSTFLAGS='-C target-cpu=x86-64' cargo run -p reluflow --release --example golden
//! ```

use reluflow::golden::{HASH, hash};
use reluflow::lanes::{f32x4, f32x8, f32x16};
use std::process::ExitCode;

fn main() -> ExitCode {
    let hashes = [hash::<f32>(), hash::<f32x4>(), hash::<f32x8>(), hash::<f32x16>()];
    for (name, hash) in ["f32", "f32x4", "f32x8", "f32x16"].into_iter().zip(hashes) {
        println!("{name:6} {hash:#018x} {}", if hash == HASH { "as everywhere" } else { "WRONG" });
    }
    ExitCode::from(u8::from(hashes != [HASH; 4]))
}
