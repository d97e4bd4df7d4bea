//! How large values may get.
//!
//! A value shares what is copied from another, so that a few lines can describe one that has more parts than there is
//! room for: `[a, a]` of `[b, b]` of `[c, c]`… Nothing grows within one expression but by its own size, unless a name
//! stands for something large: whoever binds a value to a name asks [`Value::is_oversized`] first.

use super::Value;

/// Most parts of a value, counting what is shared each time.
const MAX_PARTS: usize = 4 * 1024 * 1024;
/// Deepest nesting of a value.
const MAX_DEPTH: usize = 1000;

impl Value {
    /// True for a value that nothing should go on with: too many parts, or nested too deeply.
    pub fn is_oversized(&self) -> bool {
        let mut left = MAX_PARTS;
        !self.fits(MAX_DEPTH, &mut left)
    }

    fn fits(&self, depth: usize, left: &mut usize) -> bool {
        let Some(rest) = left.checked_sub(1) else {
            return false;
        };
        *left = rest;
        let mut inside = |value: &Self| depth != 0 && value.fits(depth - 1, left);
        match self {
            Self::Unknown(_) | Self::Null(_) | Self::Bool(_) | Self::Number(_) | Self::String(_) => true,
            Self::List(_, values) | Self::Set(_, values) | Self::Tuple(values) => values.iter().all(inside),
            Self::Map(_, values) | Self::Object(values) => values.values().all(&mut inside),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shared_counts_each_time() {
        let mut value = Value::from(true);
        for _ in 0..20 {
            value = Value::tuple([value.clone(), value]);
        }
        assert!(!value.is_oversized());
        for _ in 0..20 {
            value = Value::tuple([value.clone(), value]);
        }
        assert!(value.is_oversized());
    }

    #[test]
    fn nesting_has_an_end() {
        let nested = |depth| (0..depth).fold(Value::from(true), |value, _| Value::tuple([value]));
        assert!(!nested(MAX_DEPTH).is_oversized());
        assert!(nested(MAX_DEPTH + 1).is_oversized());
    }
}
