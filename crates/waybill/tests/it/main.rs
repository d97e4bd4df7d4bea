//! Tests of the whole program: a real `waybill` process, spoken to from outside.

mod bad_input;
mod browser;
mod cli;
mod concurrency;
mod replay;
mod serve;
mod templates;
