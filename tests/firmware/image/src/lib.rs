//! What the images share. Each image trains a network on a board, or on the host, and its exit status
//! says whether that went as it should.
//!
//! | file | holds |
//! |---|---|
//! | `bin/*.rs` | the images, a few lines each |
//! | `train` | training, what is checked and reported |
//! | `text` | numbers as text, without `core::fmt`, which is large and can panic |
//! | `board` | start, text out, exit status, clock and stack: one file for each architecture |
#![cfg_attr(not(unix), no_std)]
#![deny(unsafe_code)]

#[allow(unsafe_code, reason = "registers, assembly and statics are what it wraps")]
pub mod board;
pub mod text;
pub mod train;
