//! Short texts that people write about things, which others are shown.

use crate::api::error::ApiError;

/// Refuses what is no line of up to `longest` characters. `member` is what a request calls the text.
pub(crate) fn check_line(member: &str, longest: usize, text: &str) -> Result<(), ApiError> {
    check(member, longest, text, |_| false)
}

/// The same for a text of one or more lines.
pub(crate) fn check_lines(member: &str, longest: usize, text: &str) -> Result<(), ApiError> {
    check(member, longest, text, |c| c == '\n')
}

fn check(member: &str, longest: usize, text: &str, is_fine: impl Fn(char) -> bool) -> Result<(), ApiError> {
    let found = text.chars().count();
    if longest < found {
        return Err(ApiError::invalid(format!(
            "`{member}` has up to {longest} characters, this one has {found}"
        )));
    }
    if text.chars().any(|c| c.is_control() && !is_fine(c)) {
        return Err(ApiError::invalid(format!("`{member}` cannot contain control characters")));
    }
    Ok(())
}
