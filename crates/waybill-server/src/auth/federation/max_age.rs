//! How long an issuer says that its keys may be kept.

use hyper::{HeaderMap, header::CACHE_CONTROL};
use jiff::SignedDuration;

/// Nobody's keys are fetched more often, unless a token names an unknown one.
const SHORTEST: SignedDuration = SignedDuration::from_mins(5);
/// A key that was withdrawn counts for no longer than that.
pub(super) const LONGEST: SignedDuration = SignedDuration::from_hours(24);
const DEFAULT: SignedDuration = SignedDuration::from_hours(1);

/// Reads `Cache-Control`; what forbids keeping means the shortest time.
pub(super) fn of(headers: &HeaderMap) -> SignedDuration {
    let values = headers.get_all(CACHE_CONTROL).into_iter().filter_map(|value| value.to_str().ok());
    let directives: Vec<&str> = values.flat_map(|value| value.split(',')).map(str::trim).collect();
    let has = |name: &str| directives.iter().any(|directive| directive.eq_ignore_ascii_case(name));
    if has("no-store") || has("no-cache") {
        return SHORTEST;
    }
    let max_age = directives.iter().find_map(|directive| {
        let (name, value) = directive.split_once('=')?;
        let is_age = name.trim().eq_ignore_ascii_case("max-age");
        is_age.then(|| value.trim().trim_matches('"').parse::<u32>().ok())?
    });
    max_age.map_or(DEFAULT, |seconds| SignedDuration::from_secs(seconds.into()).clamp(SHORTEST, LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages() {
        let check = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(CACHE_CONTROL, value.parse().unwrap());
            }
            of(&headers).as_secs()
        };
        assert_eq!(check(&[]), 3600);
        assert_eq!(check(&["public, max-age=7200, must-revalidate"]), 7200);
        assert_eq!(check(&["public", "MAX-AGE=\"600\""]), 600);
        assert_eq!(check(&["max-age=10"]), 300);
        assert_eq!(check(&["max-age=999999"]), 86_400);
        assert_eq!(check(&["no-store, max-age=7200"]), 300);
        assert_eq!(check(&["no-cache"]), 300);
        assert_eq!(check(&["s-maxage=100"]), 3600);
        assert_eq!(check(&["max-age=-1"]), 3600);
        assert_eq!(check(&["max-age=99999999999999"]), 3600);
    }
}
