//! The store, from outside.
//!
//! What holds for both databases is written once and runs on both (`on_both!`), each test on a database of its
//! own. After each test the plans of the statements that it ran are judged on a database with many rows
//! (`plans`), so that a statement cannot be without an index unnoticed.

#[macro_use]
mod support;

mod access;
mod ancestry;
mod audit;
mod buckets;
mod builds;
mod channels;
mod descent;
mod directory;
mod durability;
mod engine;
mod gate;
mod identity;
mod login_grants;
mod logins;
mod migrations;
mod outage;
mod pages;
mod plans;
mod policies;
mod postgres;
mod projects;
mod registries;
mod sboms;
mod search;
mod secrets;
mod sessions;
mod sqlite;
mod texts;
mod versions;
mod webhooks;
mod workload_identity;
