//! Where a recording and our server have gone different ways.
//!
//! A fault that was put into a recording hides from the client what it asked for: the mock did not do it, our
//! server does. What follows about the same bucket or version cannot be compared any more.

use std::collections::HashSet;

use waybill_testkit::recording::Request;

/// What a request is about.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    /// Organization and project.
    pub(super) project: Option<(String, String)>,
    pub(super) bucket: Option<String>,
    pub(super) fingerprint: Option<String>,
    pub(super) build: Option<String>,
}

#[derive(Debug, Default)]
pub(super) struct Taints {
    buckets: HashSet<String>,
    versions: HashSet<String>,
    ever: bool,
}

impl Place {
    pub(super) fn of(request: &Request) -> Self {
        let segments: Vec<&str> = request.path.split('/').collect();
        let after = |name: &str| {
            let index = segments.iter().position(|segment| *segment == name)?;
            segments.get(index + 1).map(|segment| (*segment).to_owned())
        };
        let body = |name: &str| request.body.json().and_then(|body| body[name].as_str()).map(str::to_owned);
        let creates = |collection: &str| request.path.ends_with(collection) && request.method != "GET";
        Self {
            project: after("organizations").zip(after("projects")),
            bucket: if creates("/buckets") { body("name") } else { after("buckets").or(after("images")) },
            fingerprint: if creates("/versions") { body("fingerprint") } else { after("versions") },
            build: after("builds"),
        }
    }

    pub(super) fn bucket_key(&self) -> Option<String> {
        Some(format!("{:?} {}", self.project, self.bucket.as_ref()?))
    }

    pub(super) fn version_key(&self) -> Option<String> {
        Some(format!("{} {}", self.bucket_key()?, self.fingerprint.as_ref()?))
    }
}

impl Taints {
    /// Whether anything was tainted so far; then the numbers of versions may differ everywhere.
    pub(super) fn any(&self) -> bool {
        self.ever
    }

    /// Whether what the request is about was tainted by an earlier one.
    pub(super) fn touch(&self, place: &Place) -> bool {
        match (place.version_key(), place.bucket_key()) {
            (Some(version), _) => self.versions.contains(&version),
            (None, Some(bucket)) => self.buckets.contains(&bucket),
            (None, None) => false,
        }
    }

    /// Takes note of a request and of whether our server did what it asked for.
    pub(super) fn observe(&mut self, place: &Place, request: &Request, ours_succeeded: bool) {
        let real = request.answer.as_ref().filter(|_| !request.injected);
        let theirs_succeeded = real.is_some_and(|answer| answer.status == 200);
        if request.method == "GET" {
            return;
        }
        if theirs_succeeded {
            // From here on both have the bucket. A version has more state than its existence.
            if request.path.ends_with("/buckets")
                && let Some(bucket) = place.bucket_key()
            {
                self.buckets.remove(&bucket);
            }
            return;
        }
        if ours_succeeded {
            self.ever = true;
            match (place.version_key(), place.bucket_key()) {
                (Some(version), _) => self.versions.insert(version),
                (None, Some(bucket)) => self.buckets.insert(bucket),
                (None, None) => return,
            };
        }
    }
}
