//! Paths as text: what Go's `path/filepath` makes of them where `/` separates.

/// The shortest path that means the same without looking at any folder: `a//./b/../c` is `a/c`, nothing is `.`.
pub fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(&last) if last != ".." => {
                    parts.pop();
                }
                _ if rooted => {}
                _ => parts.push(part),
            },
            _ => parts.push(part),
        }
    }
    let cleaned = parts.join("/");
    match (rooted, cleaned.is_empty()) {
        (true, _) => format!("/{cleaned}"),
        (false, true) => ".".to_owned(),
        (false, false) => cleaned,
    }
}

/// The last part of a path: `b` of `a/b/`, `/` of `/`, `.` of nothing.
pub fn base(path: &str) -> &str {
    if path.is_empty() {
        return ".";
    }
    let path = path.trim_end_matches('/');
    if path.is_empty() { "/" } else { path.rsplit('/').next().unwrap_or(path) }
}

/// All but the last part of a path, cleaned: `a` of `a/b`, but also of `a/`.
pub fn directory(path: &str) -> String {
    clean(path.rfind('/').map_or("", |slash| &path[..=slash]))
}

/// Both paths in one, cleaned; empty ones do not count.
pub fn join(folder: &str, path: &str) -> String {
    match (folder, path) {
        ("", "") => String::new(),
        ("", path) => clean(path),
        (folder, path) => clean(&format!("{folder}/{path}")),
    }
}

pub fn is_absolute(path: &str) -> bool {
    path.starts_with('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_and_taken_apart_as_go_does() {
        for (path, cleaned, last, folder) in [
            ("", ".", ".", "."),
            ("/", "/", "/", "/"),
            ("//", "/", "/", "/"),
            ("a", "a", "a", "."),
            ("a/", "a", "a", "a"),
            ("a//b", "a/b", "b", "a"),
            ("./a", "a", "a", "."),
            ("../a", "../a", "a", ".."),
            ("a/..", ".", "..", "a"),
            ("a/../..", "..", "..", "."),
            ("/..", "/", "..", "/"),
            ("/../a", "/a", "a", "/"),
            ("a/b/../c", "a/c", "c", "a"),
            ("./", ".", ".", "."),
            ("..", "..", "..", "."),
            ("../..", "../..", "..", ".."),
            ("/a/b/", "/a/b", "b", "/a/b"),
            ("///a", "/a", "a", "/"),
            ("a/b//..//c/", "a/c", "c", "a/c"),
            ("/a/../../b", "/b", "b", "/"),
            (".hidden", ".hidden", ".hidden", "."),
            ("a/.", "a", ".", "a"),
            ("é/ü", "é/ü", "ü", "é"),
        ] {
            assert_eq!((clean(path).as_str(), base(path), directory(path).as_str()), (cleaned, last, folder));
        }
    }

    #[test]
    fn joined_paths_are_cleaned() {
        for (folder, path, joined) in [
            ("", "", ""),
            ("a", "", "a"),
            ("", "b/", "b"),
            ("a", "../b", "b"),
            ("a", "/b", "a/b"),
            (".", "b", "b"),
        ] {
            assert_eq!(join(folder, path), joined);
        }
    }
}
