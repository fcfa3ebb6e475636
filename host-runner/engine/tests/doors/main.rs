//! The doors of the engine. In a binary of their own, so that testing them compiles no kernel a second time.
mod coordinates;
mod cpu;
mod cuts;
mod event_log;
mod facts;
mod pieces;
mod pool;
mod schedule;
mod trajectory;
