//! Regular expressions as statements have them: Go's, within limits of their own, since who writes a statement is
//! not who evaluates it. A match can be anywhere in the text, unless `^` and `$` hold it.

use waybill_go::regexp::{Limits, Regexp, RegexpError};

/// A realistic expression needs a tenth; `\pL` or `.{1,64}` needs half.
const LIMITS: Limits = Limits { compiled: 128 * 1024, cache: 256 * 1024, nesting: 32 };

/// Compiles an expression, or says why it cannot be.
pub(super) fn compile(source: &str) -> Result<Regexp, RegexpError> {
    Regexp::within(source, LIMITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_narrow() {
        let reason = |source: &str| compile(source).map(|_| ()).map_err(|error| error.to_string());
        assert_eq!(reason(r"\pL+.{1,64}"), Ok(()));
        assert_eq!(reason(r"\pL{100}"), Err("it is too large when compiled; repeat less in it".into()));
        assert_eq!(reason(&format!("{}{}", "(".repeat(30), ")".repeat(30))), Ok(()));
        assert!(reason(&format!("{}{}", "(".repeat(40), ")".repeat(40))).is_err());
    }
}
