//! Measured tables: what Go itself answered.

mod times;
