//! Where to go after a login: a path of this registry, never another site.

/// A path with its query, safe to redirect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnTo(String);

/// An authorization request with everything is some 600 characters. It travels in a cookie, which has 4096.
const LONGEST: usize = 2048;

impl ReturnTo {
    /// Reads what a request said. What could lead elsewhere leads to [`home`](Self::home).
    pub fn new(text: Option<&str>) -> Self {
        match text {
            Some(text) if is_own_path(text) => Self(text.to_owned()),
            _ => Self::home(),
        }
    }

    /// The page that tells who is logged in.
    pub fn home() -> Self {
        Self("/login".to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Browsers take `//host` and `/\host` for another site, and drop tabs and line ends.
fn is_own_path(text: &str) -> bool {
    let mut characters = text.chars();
    text.len() <= LONGEST
        && characters.next() == Some('/')
        && !matches!(characters.next(), Some('/' | '\\'))
        && text.chars().all(|c| c.is_ascii_graphic() && c != '\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_paths_are_returned_to() {
        let check = |text: &str| ReturnTo::new(Some(text)).as_str().to_owned();
        for good in [
            "/",
            "/device?user_code=BCDF-GHJK",
            "/oauth2/auth?redirect_uri=http%3A%2F%2Flocalhost%3A1%2F",
            "/a//b",
        ] {
            assert_eq!(check(good), good);
        }
        let long = format!("/{}", "x".repeat(LONGEST));
        for bad in [
            "",
            "login",
            "//evil.example",
            "/\\evil.example",
            "/a\\b",
            "https://evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/\n/evil.example",
            "/a b",
            "/ü",
            &long,
        ] {
            assert_eq!(check(bad), "/login", "{bad:?}");
        }
        assert_eq!(ReturnTo::new(None), ReturnTo::home());
    }
}
