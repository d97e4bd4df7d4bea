//! The server, tested over sockets: one file per subject.

mod descent;
mod heavy_pages;
mod identity;
mod login;
mod naive;
mod own;
mod permissions;
mod receiver;
mod run_tasks;
mod running;
mod statements;
mod trail;
mod transport;
