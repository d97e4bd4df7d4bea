//! The template language as a whole, mostly tables of what the real thing does.

mod body;
mod format;
mod references;
mod support;
