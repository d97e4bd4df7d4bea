//! Measured tables: what Go itself answered.

mod deflate;
mod templates;
mod times;
