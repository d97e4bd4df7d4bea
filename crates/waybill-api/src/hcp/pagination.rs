//! Pages: what a list operation is asked and how its answer says where to go on.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::encoding::is_default;

/// Where the neighbours of a page are; an empty token means there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PaginationResponse {
    #[serde(skip_serializing_if = "is_default")]
    pub next_page_token: String,
    #[serde(skip_serializing_if = "is_default")]
    pub previous_page_token: String,
}

/// `pagination.…` and `sorting.order_by` of a query. Empty values are as good as absent ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageQuery {
    /// `None` and 0 leave the choice to the server.
    pub page_size: Option<u32>,
    /// At most one of the tokens is set.
    pub next_page_token: Option<String>,
    pub previous_page_token: Option<String>,
    /// In order of importance.
    pub order_by: Vec<OrderBy>,
}

/// A column to sort by. Whether the list has that column is not known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderBy {
    pub column: String,
    pub descending: bool,
}

/// Why a query does not ask for a page.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PageQueryError {
    #[error("`{PAGE_SIZE}` is a number from 0 to {max}, not `{0}`", max = u32::MAX)]
    PageSize(String),
    #[error("`{NEXT}` and `{PREVIOUS}` exclude each other")]
    BothTokens,
    #[error("`{ORDER_BY}` is a column, perhaps with `asc` or `desc`, not `{0}`")]
    OrderBy(String),
}

const PAGE_SIZE: &str = "pagination.page_size";
const NEXT: &str = "pagination.next_page_token";
const PREVIOUS: &str = "pagination.previous_page_token";
const ORDER_BY: &str = "sorting.order_by";

impl PageQuery {
    /// Picks the page out of a query's decoded pairs.
    ///
    /// `sorting.order_by` may come several times, and each may be a comma list (`name,created_at desc`).
    pub fn from_pairs<K, V>(pairs: impl IntoIterator<Item = (K, V)>) -> Result<Self, PageQueryError>
    where
        K: AsRef<str>,
        V: AsRef<str>,
    {
        let mut page = Self::default();
        for (name, value) in pairs {
            let value = value.as_ref();
            if value.is_empty() {
                continue;
            }
            match name.as_ref() {
                PAGE_SIZE => {
                    let size = value.parse().map_err(|_| PageQueryError::PageSize(value.to_owned()))?;
                    page.page_size = Some(size).filter(|&size| 0 < size);
                }
                NEXT => page.next_page_token = Some(value.to_owned()),
                PREVIOUS => page.previous_page_token = Some(value.to_owned()),
                ORDER_BY => {
                    for part in value.split(',') {
                        page.order_by.push(OrderBy::parse(part)?);
                    }
                }
                _ => {}
            }
        }
        if page.next_page_token.is_some() && page.previous_page_token.is_some() {
            return Err(PageQueryError::BothTokens);
        }
        Ok(page)
    }

    /// The pairs of the query that asks for this page.
    pub fn to_pairs(&self) -> Vec<(&'static str, String)> {
        let size = self.page_size.map(|size| (PAGE_SIZE, size.to_string()));
        let next = self.next_page_token.clone().map(|token| (NEXT, token));
        let previous = self.previous_page_token.clone().map(|token| (PREVIOUS, token));
        let order = self.order_by.iter().map(|order| (ORDER_BY, order.to_string()));
        size.into_iter().chain(next).chain(previous).chain(order).collect()
    }
}

impl OrderBy {
    fn parse(text: &str) -> Result<Self, PageQueryError> {
        let mut words = text.split_whitespace();
        let (Some(column), direction, None) = (words.next(), words.next(), words.next()) else {
            return Err(PageQueryError::OrderBy(text.to_owned()));
        };
        let descending = match direction.map(str::to_ascii_lowercase).as_deref() {
            None | Some("asc") => false,
            Some("desc") => true,
            Some(_) => return Err(PageQueryError::OrderBy(text.to_owned())),
        };
        Ok(Self { column: column.to_owned(), descending })
    }
}

impl fmt::Display for OrderBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.column)?;
        f.write_str(if self.descending { " desc" } else { "" })
    }
}
