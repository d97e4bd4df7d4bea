//! Waybill's own interface, as far as no other subject covers it.

mod openapi;
mod versions;
