//! The wish to stop, as a value that is passed.
//!
//! Whoever may stop the server holds a `Shutdown` and triggers it; whoever must stop holds a clone and waits for it.
//! Triggering says "start nothing new and finish": each task still decides how it ends, and its owner waits for it.

use tokio_util::sync::CancellationToken;

/// A switch that goes from "run" to "stop" once. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Shutdown(CancellationToken);

impl Shutdown {
    /// Asks everybody who waits to stop. Further calls change nothing.
    pub fn trigger(&self) {
        self.0.cancel();
    }

    pub fn is_triggered(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Returns as soon as the switch is triggered, at once if it was already. Dropping the future loses nothing.
    pub async fn wait(&self) {
        self.0.cancelled().await;
    }

    /// A switch that follows this one and can also be triggered alone, to stop a part of the server.
    #[must_use]
    pub fn child(&self) -> Self {
        Self(self.0.child_token())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_part_stops_with_the_whole_and_also_alone() {
        let whole = Shutdown::default();
        let (one, other) = (whole.child(), whole.child());
        one.trigger();
        one.wait().await;
        assert!(!other.is_triggered() && !whole.is_triggered());
        whole.trigger();
        other.wait().await;
        assert!(other.is_triggered());
    }
}
