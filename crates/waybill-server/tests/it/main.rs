//! The server, tested over sockets: one file per subject.

mod identity;
mod own;
mod permissions;
mod running;
mod transport;
