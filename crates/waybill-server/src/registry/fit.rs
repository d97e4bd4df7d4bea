//! How much of a page fits into one answer: its items carry builds, which are bounded too.

use waybill_store::{Page, Result, Slice, Tx};

use crate::limits::BUILDS_PER_PAGE;

/// Reads a page, and once more with fewer items if those carry more builds than fit. `weigh` tells how many builds
/// each item carries, in the items' order. A page that has something keeps one item, however heavy that is.
pub fn page<T>(
    tx: &mut Tx<'_>,
    slice: &Slice,
    read: impl Fn(&mut Tx<'_>, &Slice) -> Result<Page<T>>,
    weigh: impl FnOnce(&mut Tx<'_>, &[T]) -> Result<Vec<u32>>,
) -> Result<Page<T>> {
    let page = read(tx, slice)?;
    let weights = weigh(tx, &page.items)?;
    let limit = limit(&weights, slice.backwards);
    if page.items.len() <= limit {
        return Ok(page);
    }
    let shorter = Slice { limit: u32::try_from(limit).unwrap_or(slice.limit), ..slice.clone() };
    read(tx, &shorter)
}

/// How many items fit, counted from where the page starts, and at least one.
fn limit(weights: &[u32], backwards: bool) -> usize {
    let mut rest = BUILDS_PER_PAGE;
    let mut fits = |weight: &u32| match rest.checked_sub(*weight) {
        Some(left) => {
            rest = left;
            true
        }
        None => false,
    };
    let fitting = if backwards {
        weights.iter().rev().take_while(|weight| fits(weight)).count()
    } else {
        weights.iter().take_while(|weight| fits(weight)).count()
    };
    fitting.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_fit_until_their_builds_do_not() {
        let forwards = |weights: &[u32]| limit(weights, false);
        assert_eq!(forwards(&[]), 1);
        assert_eq!(forwards(&[5000, 0, 0]), 3);
        assert_eq!(forwards(&[5000, 0, 1, 0]), 2);
        assert_eq!(forwards(&[5001, 1]), 1);
        assert_eq!(forwards(&[u32::MAX, u32::MAX]), 1);
        assert_eq!(forwards(&[1000; 9]), 5);
        assert_eq!(limit(&[5000, 1, 4000, 1000], true), 2);
        assert_eq!(limit(&[1, 1, 6000], true), 1);
    }
}
