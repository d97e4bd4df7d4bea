//! Waiting: a gate that holds a closure inside the store, and a condition that comes true.

use std::{
    sync::mpsc,
    time::{Duration, Instant},
};

/// What a closure waits at until the test opens it.
pub(crate) struct Gate {
    arrived: mpsc::Receiver<()>,
    open: mpsc::Sender<()>,
}

/// The closure's end of a [`Gate`].
pub(crate) struct Turnstile {
    arrived: mpsc::Sender<()>,
    open: mpsc::Receiver<()>,
}

const LONG: Duration = Duration::from_mins(1);

impl Gate {
    pub(crate) fn new() -> (Self, Turnstile) {
        let ((arrive, arrived), (open, opened)) = (mpsc::channel(), mpsc::channel());
        (Self { arrived, open }, Turnstile { arrived: arrive, open: opened })
    }

    /// Until a closure stands at the gate.
    pub(crate) fn wait(&self) {
        self.arrived.recv_timeout(LONG).expect("the closure comes to the gate");
    }

    /// Lets one closure through.
    pub(crate) fn open(&self) {
        self.open.send(()).expect("somebody waits at the gate");
    }
}

impl Turnstile {
    pub(crate) fn pass(&self) {
        self.arrived.send(()).expect("the test waits");
        self.open.recv_timeout(LONG).expect("the test opens the gate");
    }
}

/// Waits for a condition with a generous limit.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < LONG, "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
