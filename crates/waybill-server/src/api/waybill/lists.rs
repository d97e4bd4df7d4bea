//! Lists of our own interface: read from their beginning to their end, page by page.

use waybill_api::hcp::PageQuery;
use waybill_store::{Page, PageKey, Slice};

use crate::{
    api::{error::ApiError, page::List},
    app::App,
};

/// The last row that a client has seen, which the page comes after. Before the first one, both are empty.
pub(super) struct After<'a> {
    /// What the list is sorted by, if that is a name.
    pub(super) name: &'a str,
    pub(super) row: i64,
}

/// The part of a list that a request asks for.
pub(super) fn slice(
    app: &App,
    list: &List<'_>,
    page_size: Option<u32>,
    page_token: Option<String>,
) -> Result<Slice, ApiError> {
    let query = PageQuery {
        page_size: page_size.filter(|&size| 0 < size),
        next_page_token: page_token,
        ..PageQuery::default()
    };
    app.pages.slice(list, &query)
}

/// Makes a page of what `read` finds after a row, up to so many.
pub(super) fn page<T>(
    slice: &Slice,
    key: impl Fn(&T) -> PageKey,
    read: impl FnOnce(After<'_>, u32) -> waybill_store::Result<Vec<T>>,
) -> Result<Page<T>, ApiError> {
    let after = match &slice.from {
        Some(PageKey::Text(name, row)) => After { name, row: *row },
        Some(PageKey::Int(_, row)) => After { name: "", row: *row },
        None => After { name: "", row: 0 },
    };
    // One more than the page has tells whether there are more.
    Ok(slice.cut(read(after, slice.limit.saturating_add(1))?, key))
}

/// The token to go on with; none on the last page.
pub(super) fn next_page_token<T>(
    app: &App,
    list: &List<'_>,
    slice: &Slice,
    page: &Page<T>,
) -> Option<String> {
    let tokens = app.pages.answer(list, slice, page)?;
    Some(tokens.next_page_token).filter(|token| !token.is_empty())
}
