//! Lists that are fetched as they are read.

use std::collections::VecDeque;

use serde::de::DeserializeOwned;

use crate::{
    client::{Call, Client},
    error::Error,
};

/// An answer that holds a part of a list.
pub trait Page: DeserializeOwned {
    type Item;

    /// The query parameter that carries the token of the page.
    const TOKEN: &'static str;
    /// The query parameter that says how many items a page has.
    const SIZE: &'static str;

    /// The items and the token of the next page. An empty token is none.
    fn into_parts(self) -> (Vec<Self::Item>, Option<String>);
}

/// The items of a list, in the registry's order, from as many requests as it takes.
#[derive(Debug)]
pub struct Pages<P: Page> {
    client: Client,
    call: Option<Call>,
    failure: Option<Error>,
    ready: VecDeque<P::Item>,
}

impl<P: Page> Pages<P> {
    pub(crate) fn new(client: Client, call: Result<Call, Error>) -> Self {
        let (call, failure) = match call {
            Ok(call) => (Some(call), None),
            Err(error) => (None, Some(error)),
        };
        Self { client, call, failure, ready: VecDeque::new() }
    }

    /// The next item; none at the end. After an error the list is at its end.
    pub async fn next(&mut self) -> Result<Option<P::Item>, Error> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Ok(Some(item));
            }
            if let Some(error) = self.failure.take() {
                return Err(error);
            }
            let Some(call) = self.call.take() else { return Ok(None) };
            let (items, token) = self.client.send::<P>(&call).await?.into_parts();
            if let Some(token) = token.filter(|token| !token.is_empty()) {
                if call.value(P::TOKEN) == Some(&token) {
                    let reason = "the next page is the same page".to_owned();
                    return Err(Error::Unexpected { operation: call.operation(), reason });
                }
                self.call = Some(call.query(P::TOKEN, token));
            }
            self.ready = items.into();
        }
    }

    /// The first `limit` items, or as many as there are. No more pages are fetched than that takes.
    pub async fn first(mut self, limit: usize) -> Result<Vec<P::Item>, Error> {
        if limit < SMALL {
            self.call = self.call.map(|call| call.query(P::SIZE, limit.max(1).to_string()));
        }
        let mut items = Vec::new();
        while items.len() < limit {
            let Some(item) = self.next().await? else { break };
            items.push(item);
        }
        Ok(items)
    }

    /// All items.
    pub async fn all(self) -> Result<Vec<P::Item>, Error> {
        self.first(usize::MAX).await
    }
}

/// Below this, a page of just the wanted size is asked for; above, the registry's own page size is as good.
const SMALL: usize = 100;

/// Implements [`Page`] for an answer of the compatible interface, or of Waybill's own.
macro_rules! page {
    ($answer:ty, $member:ident: $item:ty) => {
        $crate::page::page!(@of $answer, $item, "pagination.next_page_token", "pagination.page_size", |answer| {
            (answer.$member, answer.pagination.map(|pagination| pagination.next_page_token))
        });
    };
    (own $answer:ty, $member:ident: $item:ty) => {
        $crate::page::page!(@of $answer, $item, "page_token", "page_size", |answer| {
            (answer.$member, answer.next_page_token)
        });
    };
    (@of $answer:ty, $item:ty, $token:literal, $size:literal, |$this:ident| $parts:expr) => {
        impl $crate::page::Page for $answer {
            type Item = $item;

            const TOKEN: &'static str = $token;
            const SIZE: &'static str = $size;

            fn into_parts(self) -> (Vec<$item>, Option<String>) {
                let $this = self;
                $parts
            }
        }
    };
}

pub(crate) use page;
