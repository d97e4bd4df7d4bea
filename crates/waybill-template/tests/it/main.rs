//! The template language as a whole, mostly tables of what the real thing does.

mod body;
mod dynamic;
mod eval;
mod fix;
mod format;
mod functions_laws;
mod functions_measured;
mod functions_world;
mod json;
mod legacy;
mod references;
mod second_opinion;
mod support;
mod syntax;
mod syntax_laws;
mod tree;
mod upgrade;
mod values;
mod yaml;
