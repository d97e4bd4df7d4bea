//! Pages of lists: what a client asks for, and the tokens it goes on with.
//!
//! A token is the key of the last row seen, signed for one list in one order: a token of another list, of another
//! filter or of another installation is refused.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use waybill_api::hcp::{OrderBy, PageQuery, PageQueryError, PaginationResponse};
use waybill_store::{Column, Order, Page, PageKey, Slice};

use crate::api::error::ApiError;

/// As decision and specification have it: a first page holds what Packer must see at once.
const PAGE_SIZE: u32 = 100;
pub(crate) const LARGEST_PAGE: u32 = 1000;
/// Bytes of the signature that a token carries: enough against guessing, short enough for a URL.
const TAG: usize = 16;

/// Signs page tokens.
#[derive(Clone)]
pub struct Pages {
    key: Vec<u8>,
}

/// A list that has pages: its name, its filter, and the columns it can be sorted by, the default first.
#[derive(Clone, Debug)]
pub struct List<'a> {
    /// Distinguishes the list from every other, filter included.
    pub name: String,
    pub columns: &'a [(&'a str, Order)],
}

/// The default order of a list that is sorted by creation, newest first.
pub const NEWEST_FIRST: Order = Order { column: Column::CreatedAt, descending: true };
pub const BY_NAME: Order = Order { column: Column::Name, descending: false };
pub const BY_CREATION: Order = Order { column: Column::CreatedAt, descending: false };
pub const BY_UPDATE: Order = Order { column: Column::UpdatedAt, descending: false };

#[derive(Serialize, Deserialize)]
struct Token {
    /// Column and direction, so that a token cannot be taken to another order.
    order: (u8, bool),
    text: Option<String>,
    int: i64,
    row: i64,
}

impl From<PageQueryError> for ApiError {
    fn from(error: PageQueryError) -> Self {
        Self::invalid(error.to_string())
    }
}

impl Pages {
    pub fn new(key: Vec<u8>) -> Self {
        Self { key }
    }

    /// What part of a list a request asks for.
    pub fn slice(&self, list: &List<'_>, query: &PageQuery) -> Result<Slice, ApiError> {
        let order = order(list, &query.order_by)?;
        let (token, backwards) = match (&query.next_page_token, &query.previous_page_token) {
            (Some(token), _) => (Some(token), false),
            (None, Some(token)) => (Some(token), true),
            (None, None) => (None, false),
        };
        let from = match token {
            Some(token) => Some(self.open(list, order, token)?),
            None => None,
        };
        let limit = query.page_size.unwrap_or(PAGE_SIZE).clamp(1, LARGEST_PAGE);
        Ok(Slice { order, from, backwards, limit })
    }

    /// The tokens to go on with; nothing where there is only one page.
    pub fn answer<T>(&self, list: &List<'_>, slice: &Slice, page: &Page<T>) -> Option<PaginationResponse> {
        let seal = |key: &Option<PageKey>| {
            key.as_ref().map(|key| self.seal(list, slice.order, key)).unwrap_or_default()
        };
        let (next_page_token, previous_page_token) = (seal(&page.next), seal(&page.previous));
        (!next_page_token.is_empty() || !previous_page_token.is_empty())
            .then_some(PaginationResponse { next_page_token, previous_page_token })
    }

    fn seal(&self, list: &List<'_>, order: Order, key: &PageKey) -> String {
        let order = order_code(order);
        let token = match key {
            PageKey::Text(text, row) => Token { order, text: Some(text.clone()), int: 0, row: *row },
            PageKey::Int(int, row) => Token { order, text: None, int: *int, row: *row },
        };
        let mut bytes = serde_json::to_vec(&token).expect("a token is JSON");
        let tag = self.tag(list, &bytes);
        bytes.extend_from_slice(&tag);
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    fn open(&self, list: &List<'_>, order: Order, token: &str) -> Result<PageKey, ApiError> {
        let refused = || {
            ApiError::invalid(
                "this page token is not one of this list in this order: start again from the first page",
            )
        };
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).map_err(|_| refused())?;
        let (text, tag) = bytes.len().checked_sub(TAG).map(|at| bytes.split_at(at)).ok_or_else(refused)?;
        let genuine: bool = subtle::ConstantTimeEq::ct_eq(self.tag(list, text).as_slice(), tag).into();
        if !genuine {
            return Err(refused());
        }
        let token: Token = serde_json::from_slice(text).map_err(|_| refused())?;
        if token.order != order_code(order) {
            return Err(refused());
        }
        Ok(match token.text {
            Some(text) => PageKey::Text(text, token.row),
            None => PageKey::Int(token.int, token.row),
        })
    }

    fn tag(&self, list: &List<'_>, text: &[u8]) -> Vec<u8> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(list.name.as_bytes());
        mac.update(&[0]);
        mac.update(text);
        mac.finalize().into_bytes()[..TAG].to_vec()
    }
}

fn order_code(order: Order) -> (u8, bool) {
    let column = match order.column {
        Column::Name => 0,
        Column::CreatedAt => 1,
        Column::UpdatedAt => 2,
    };
    (column, order.descending)
}

/// The first column decides, and the row breaks ties; further columns are checked and change nothing, because no
/// list has two rows that are equal in the first and not in the row.
fn order(list: &List<'_>, asked: &[OrderBy]) -> Result<Order, ApiError> {
    let mut first = None;
    for OrderBy { column, descending } in asked {
        let known = list.columns.iter().find(|(name, _)| name == column).ok_or_else(|| {
            let names: Vec<_> = list.columns.iter().map(|(name, _)| format!("`{name}`")).collect();
            ApiError::invalid(format!(
                "this list cannot be sorted by `{column}`, only by {}",
                names.join(", ")
            ))
        })?;
        first.get_or_insert(Order { column: known.1.column, descending: *descending });
    }
    Ok(first.unwrap_or(list.columns[0].1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[(&str, Order)] = &[("name", BY_NAME), ("created_at", BY_CREATION)];

    fn list(name: &str) -> List<'_> {
        List { name: name.to_owned(), columns: COLUMNS }
    }

    fn query(pairs: &[(&str, &str)]) -> PageQuery {
        PageQuery::from_pairs(pairs.iter().copied()).unwrap()
    }

    #[test]
    fn a_token_leads_on_in_its_own_list_and_order_only() {
        let pages = Pages::new(vec![7; 32]);
        let slice = pages.slice(&list("buckets"), &query(&[])).unwrap();
        let page = Page { items: vec![()], next: Some(PageKey::Text("b".into(), 9)), previous: None };
        let token = pages.answer(&list("buckets"), &slice, &page).unwrap().next_page_token;
        let next = query(&[("pagination.next_page_token", &token)]);
        assert_eq!(pages.slice(&list("buckets"), &next).unwrap().from, page.next);

        let other_order = query(&[("pagination.next_page_token", &token), ("sorting.order_by", "name desc")]);
        let mut altered = token.clone();
        altered.insert(3, 'A');
        let altered = query(&[("pagination.next_page_token", &altered)]);
        let refused = [
            pages.slice(&list("versions"), &next),
            pages.slice(&list("buckets"), &other_order),
            pages.slice(&list("buckets"), &altered),
            Pages::new(vec![8; 32]).slice(&list("buckets"), &next),
        ];
        for answer in refused {
            assert!(answer.unwrap_err().message.contains("start again"));
        }
    }

    #[test]
    fn sizes_are_bounded_and_columns_are_known() {
        let pages = Pages::new(vec![7; 32]);
        let limit =
            |size: &str| pages.slice(&list("x"), &query(&[("pagination.page_size", size)])).unwrap().limit;
        assert_eq!((limit("0"), limit("5"), limit("100000")), (100, 5, 1000));
        let order = |by: &str| pages.slice(&list("x"), &query(&[("sorting.order_by", by)])).map(|s| s.order);
        assert_eq!(order("created_at desc").unwrap(), NEWEST_FIRST);
        assert_eq!(
            order("colour").unwrap_err().message,
            "this list cannot be sorted by `colour`, only by `name`, `created_at`"
        );
    }
}
