//! Pages of every list: forwards and backwards, in every order, whatever the size.

use std::fmt::Debug;

use waybill_model::{channel::Assignment, ids::VersionId, labels::Labels, version::Version};
use waybill_store::{Bucket, Column, Order, Page, PageKey, Result, Slice, Tx};

use crate::support::{Db, at, new_bucket, new_version, parse};

on_both! {
    pages_of_buckets,
    pages_of_versions,
    pages_of_assignments,
    pages_of_found_artifacts,
    an_empty_list_has_one_empty_page,
    a_page_goes_on_where_it_ended_though_rows_come_and_go,
}

const ORDERS: [Order; 6] = [
    Order { column: Column::Name, descending: false },
    Order { column: Column::Name, descending: true },
    Order { column: Column::CreatedAt, descending: false },
    Order { column: Column::CreatedAt, descending: true },
    Order { column: Column::UpdatedAt, descending: false },
    Order { column: Column::UpdatedAt, descending: true },
];

/// Walks a list to its end and back, with pages of every size, and compares with the rows in order.
fn walk<T: Debug + PartialEq>(order: Order, expected: &[T], fetch: impl Fn(Slice) -> Page<T>) {
    assert!(expected.len() > 3, "a list worth walking");
    for limit in 1..=u32::try_from(expected.len()).expect("a short list") + 1 {
        let slice = |from: Option<PageKey>, backwards: bool| Slice { order, from, backwards, limit };
        let chunks: Vec<&[T]> = expected.chunks(limit as usize).collect();

        let mut from = None;
        let mut pages = Vec::new();
        for (at, chunk) in chunks.iter().enumerate() {
            let page = fetch(slice(from.clone(), false));
            assert_eq!(page.items, **chunk, "page {at} of {limit}, {order:?}");
            assert_eq!(page.previous.is_some(), at > 0, "page {at} of {limit}");
            assert_eq!(page.next.is_some(), at + 1 < chunks.len(), "page {at} of {limit}");
            from.clone_from(&page.next);
            pages.push(page);
        }
        let mut from = pages.pop().expect("there is a page").previous;
        while let Some(expected) = pages.pop() {
            let page = fetch(slice(from, true));
            assert_eq!(page.items, expected.items, "back to page {} of {limit}, {order:?}", pages.len());
            assert_eq!((&page.previous, &page.next), (&expected.previous, &expected.next));
            from = page.previous;
        }
        assert_eq!(from, None);

        // From the end, without having been at the beginning.
        let mut from = None;
        let mut rest = expected;
        loop {
            let page = fetch(slice(from.clone(), true));
            let (before, chunk) = rest.split_at(rest.len().saturating_sub(limit as usize));
            assert_eq!(page.items, *chunk, "backwards by {limit}, {order:?}");
            assert_eq!(page.next.is_some(), from.is_some());
            assert_eq!(page.previous.is_some(), !before.is_empty());
            if before.is_empty() {
                break;
            }
            (from, rest) = (page.previous, before);
        }

        // Past the end there is nothing.
        let mut page = fetch(slice(None, false));
        while let Some(next) = page.next {
            page = fetch(slice(Some(next), false));
        }
        assert!(page.items.len() <= limit as usize);
    }
}

fn pages_of_buckets(db: &mut Db) {
    let (project, other) = (db.scene().project, db.scene().project);
    db.write(move |tx| {
        // Ties of both times, names in no order, and names that languages sort otherwise.
        for (name, created, updated) in [
            ("mmm", 5, 9),
            ("Zzz", 5, 9),
            ("aaa", 5, 9),
            ("a-a", 7, 8),
            ("000", 3, 9),
            ("zzz", 5, 5),
            ("AAA", 7, 8),
        ] {
            let bucket = tx.insert_bucket(project, &new_bucket(name), at(created))?;
            let changes =
                waybill_store::BucketChanges { description: String::new(), labels: Labels::default() };
            tx.update_bucket(bucket, &changes, at(updated))?;
        }
        tx.insert_bucket(other, &new_bucket("mmm"), at(5)).map(drop)
    });
    let whole = Slice { order: ORDERS[0], from: None, backwards: false, limit: 1000 };
    let all = db.read(move |tx| tx.buckets(project, &whole)).items;
    assert_eq!(all.len(), 7);
    for order in ORDERS {
        let mut expected = all.clone();
        expected.sort_by_key(|bucket| bucket.id);
        match order.column {
            Column::Name => expected.sort_by(|a, b| a.name.as_str().cmp(b.name.as_str())),
            Column::CreatedAt => expected.sort_by_key(|bucket| bucket.created_at),
            Column::UpdatedAt => expected.sort_by_key(|bucket| bucket.updated_at),
        }
        if order.descending {
            expected.reverse();
        }
        walk(order, &expected, |slice| db.read(move |tx| tx.buckets(project, &slice)));
    }
}

fn pages_of_versions(db: &mut Db) {
    let project = db.scene().project;
    let (bucket, other) = (db.bucket(project, "ubuntu"), db.bucket(project, "debian"));
    db.write(move |tx| {
        // (created, completed as); the open ones are all called v0.
        for (at_version, (created, number)) in
            [(5, 2), (5, 0), (4, 10), (5, 1), (9, 0), (3, 9), (3, 0), (5, 11)].into_iter().enumerate()
        {
            let fingerprint = format!("fp-{at_version}");
            let version = tx.insert_version(bucket, &new_version(&fingerprint), at(created))?;
            if number > 0 {
                tx.complete_version(bucket, version, number, at(20 + i64::from(number) % 2))?;
            }
        }
        tx.insert_version(other, &new_version("fp-0"), at(5)).map(drop)
    });
    let whole = Slice { order: ORDERS[2], from: None, backwards: false, limit: 1000 };
    let all: Vec<Version> = db.read(move |tx| tx.versions(bucket, &whole)).items;
    assert_eq!(all.len(), 8);
    for order in ORDERS {
        let mut expected = all.clone();
        expected.sort_by_key(|version| version.id);
        match order.column {
            Column::Name => expected.sort_by_key(|version| version.number.unwrap_or(0)),
            Column::CreatedAt => expected.sort_by_key(|version| version.created_at),
            Column::UpdatedAt => expected.sort_by_key(|version| version.updated_at),
        }
        if order.descending {
            expected.reverse();
        }
        walk(order, &expected, |slice| db.read(move |tx| tx.versions(bucket, &slice)));
    }
}

fn pages_of_assignments(db: &mut Db) {
    let bucket = db.bucket(db.scene().project, "ubuntu");
    let (channel, other) = (db.channel(bucket, "prod"), db.channel(bucket, "beta"));
    let mut expected: Vec<Assignment> = [Some(1), None, Some(2), Some(1), None, Some(7), Some(7)]
        .into_iter()
        .map(|version| Assignment {
            version_id: version.map(VersionId),
            author: "ci".to_owned(),
            // All at the same moment: order is the order of assigning.
            assigned_at: at(5),
        })
        .collect();
    let rows = expected.clone();
    db.write(move |tx| {
        for row in &rows {
            tx.assign_channel(channel, row.version_id, &row.author, row.assigned_at)?;
            tx.assign_channel(other, Some(VersionId(99)), "eve", at(6))?;
        }
        Ok(())
    });
    expected.reverse();
    walk(ORDERS[3], &expected, |slice| db.read(move |tx| tx.assignments(channel, &slice)));
}

fn pages_of_found_artifacts(db: &mut Db) {
    let project = db.scene().project;
    let bucket = db.bucket(project, "ubuntu");
    db.write(move |tx| {
        let version = tx.insert_version(bucket, &new_version("fp-1"), at(1))?;
        for number in 0..7 {
            let artifacts = [("ami-1", "eu"), ("ami-1", "us"), ("ami-2", "eu")];
            crate::support::done_build(tx, version, &format!("null.{number}"), &artifacts)?;
        }
        Ok(())
    });
    let expected: Vec<String> = (0..7).rev().map(|number| format!("null.{number}")).collect();
    walk(ORDERS[3], &expected, |slice| {
        db.read(move |tx| tx.search_artifacts(project, "ami-1", "", "", &slice))
            .map(|hit| hit.build.component_type.to_string())
    });
}

fn check_empty<T: Debug + Send + 'static>(
    db: &Db,
    slice: &Slice,
    fetch: impl Fn(&mut Tx<'_>, &Slice) -> Result<Page<T>> + Send + 'static,
) {
    let slice = slice.clone();
    let page = db.read(move |tx| fetch(tx, &slice));
    assert!(page.items.is_empty() && page.next.is_none() && page.previous.is_none(), "{page:?}");
}

fn an_empty_list_has_one_empty_page(db: &mut Db) {
    let project = db.scene().project;
    let bucket = db.bucket(project, "ubuntu");
    let (channel, elsewhere) = (db.channel(bucket, "prod"), db.scene().project);
    for order in ORDERS {
        for backwards in [false, true] {
            let slice = Slice { order, from: None, backwards, limit: 10 };
            check_empty::<Bucket>(db, &slice, move |tx, slice| tx.buckets(elsewhere, slice));
            check_empty::<Version>(db, &slice, move |tx, slice| tx.versions(bucket, slice));
            check_empty::<Assignment>(db, &slice, move |tx, slice| tx.assignments(channel, slice));
            check_empty(db, &slice, move |tx, slice| tx.search_artifacts(project, "ami-1", "", "", slice));
        }
    }
}

fn a_page_goes_on_where_it_ended_though_rows_come_and_go(db: &mut Db) {
    let project = db.scene().project;
    for name in ["bbb", "ddd", "fff", "hhh"] {
        db.bucket(project, name);
    }
    let page = |from: Option<PageKey>, backwards: bool| {
        let slice = Slice { order: ORDERS[0], from, backwards, limit: 2 };
        let page = db.read(move |tx| tx.buckets(project, &slice));
        let names: Vec<_> = page.items.iter().map(|bucket| bucket.name.to_string()).collect();
        (names.join(" "), page.next, page.previous)
    };
    let (names, next, _) = page(None, false);
    assert_eq!(names, "bbb ddd");
    // What the key names is gone, and what came before it is passed by.
    let gone = db.read(move |tx| tx.bucket(project, &parse("ddd"))).expect("it is there").id;
    db.write(move |tx| tx.delete_bucket(gone));
    db.bucket(project, "aaa");
    db.bucket(project, "eee");
    let (names, next, previous) = page(next, false);
    assert_eq!(names, "eee fff");
    assert_eq!(page(next, false).0, "hhh");
    assert_eq!(page(previous, true).0, "aaa bbb");
}
