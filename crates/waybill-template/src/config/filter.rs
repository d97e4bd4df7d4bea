//! `-only` and `-except`: which builds are meant.

use super::glob::{Glob, GlobError};

/// The patterns of the command line.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    only: Vec<Glob>,
    except: Vec<Glob>,
}

impl Selection {
    pub fn new(only: &[String], except: &[String]) -> Result<Self, GlobError> {
        let read =
            |patterns: &[String]| patterns.iter().map(|pattern| Glob::new(pattern)).collect::<Result<_, _>>();
        Ok(Self { only: read(only)?, except: read(except)? })
    }

    /// True if a build of that full name is meant.
    pub fn selects(&self, full_name: &str) -> bool {
        let matches = |globs: &[Glob]| globs.iter().any(|glob| glob.matches(full_name));
        (self.only.is_empty() || matches(&self.only)) && !matches(&self.except)
    }

    /// True if `-except` names a post-processor: it and the rest of its chain are left out then.
    pub fn excludes_post_processor(&self, name: &str) -> bool {
        self.except.iter().any(|glob| glob.matches(name))
    }

    /// For each of `-only` and `-except`: how many patterns there are, and how many of the builds they match.
    pub fn coverage(&self, names: &[String]) -> [(&'static str, usize, usize); 2] {
        let matched =
            |globs: &[Glob]| names.iter().filter(|name| globs.iter().any(|glob| glob.matches(name))).count();
        [("only", self.only.len(), matched(&self.only)), ("except", self.except.len(), matched(&self.except))]
    }
}
