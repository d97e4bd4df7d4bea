//! Measured tables: what Go itself answered.

mod templates;
mod times;
