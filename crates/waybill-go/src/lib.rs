//! What Go's standard library does with text, where users of Packer meet it.
//!
//! Packer is written in Go, so its templates show Go's habits: durations like `1h30m`, regular expressions of
//! RE2, `printf` verbs, quoted strings, layouts of times such as `2006-01-02`, and `text/template`. This crate
//! says what these mean, and nothing else: it is pure and depends on nothing of ours.

pub mod deflate;
pub mod duration;
pub mod float;
pub mod integer;
pub mod layout;
pub mod path;
pub mod printf;
pub mod quote;
pub mod regexp;
pub mod strftime;
pub mod text_template;
