//! `sweep` as its users, their schedulers and their accidents see it.
#![cfg(unix)]
mod jobs;
mod merge;
mod resume;
mod support;
