//! What no other process can provoke.
