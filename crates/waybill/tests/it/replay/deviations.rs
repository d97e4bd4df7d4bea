//! The listed deviations on the way of one recording: which one an answer has, and which ones never came.

use waybill_testkit::recording::Request;

use super::tables::Deviation;

/// A recording's part of a list.
pub(super) struct Deviations {
    listed: Vec<(&'static Deviation, bool)>,
}

impl Deviations {
    pub(super) fn of(recording: &str, list: &'static [Deviation]) -> Self {
        let listed = list.iter().filter(|deviation| deviation.recording == recording);
        Self { listed: listed.map(|deviation| (deviation, false)).collect() }
    }

    /// The deviation that a request's answer has.
    pub(super) fn meet(&mut self, request: &Request) -> Option<&'static Deviation> {
        let applies = |deviation: &Deviation| {
            deviation.run.is_none_or(|run| run == request.run)
                && deviation.method == request.method
                && request.path.ends_with(deviation.path_end)
        };
        let (deviation, met) = self.listed.iter_mut().find(|(deviation, _)| applies(deviation))?;
        *met = true;
        Some(deviation)
    }

    /// A list says nothing that is not so: each deviation that no answer had is a fault.
    pub(super) fn faults(&self) -> impl Iterator<Item = String> {
        let never_met = self.listed.iter().filter(|(_, met)| !met);
        never_met.map(|(deviation, _)| format!("the listed deviation does not occur: {deviation:?}"))
    }
}
