//! Lists: as many pages as somebody reads.

use waybill_client::Error;

use crate::fake::{Answer, Fake, answer};

fn page(names: &[&str], next: &str) -> Answer {
    let buckets: Vec<String> = names.iter().map(|name| format!(r#"{{"name": "{name}"}}"#)).collect();
    let pagination = format!(r#"{{"next_page_token": "{next}"}}"#);
    answer(200, &format!(r#"{{"buckets": [{}], "pagination": {pagination}}}"#, buckets.join(", ")))
}

async fn names(fake: &Fake, limit: Option<usize>) -> Result<Vec<String>, Error> {
    let list = fake.registry().list_buckets();
    let buckets = match limit {
        Some(limit) => list.first(limit).await?,
        None => list.all().await?,
    };
    Ok(buckets.into_iter().map(|bucket| bucket.name).collect())
}

fn queries(fake: &Fake) -> Vec<String> {
    let asked = fake.asked();
    let query = |line: &String| Some(line.split_once('?')?.1.split(' ').next()?.to_owned());
    asked.iter().filter_map(query).collect()
}

#[tokio::test]
async fn pages_are_followed_to_the_end() {
    let fake = Fake::start().await;
    fake.will_answer([page(&["a", "b"], "t/1"), page(&[], "t2"), page(&["c"], "")]);
    assert_eq!(names(&fake, None).await.expect("a list"), ["a", "b", "c"]);
    assert_eq!(
        queries(&fake),
        [
            "sorting.order_by=name",
            "sorting.order_by=name&pagination.next_page_token=t%2F1",
            "sorting.order_by=name&pagination.next_page_token=t2"
        ]
    );
}

#[tokio::test]
async fn pages_that_nobody_reads_are_not_fetched() {
    let fake = Fake::start().await;
    fake.will_answer([page(&["a", "b"], "t1")]);
    assert_eq!(names(&fake, Some(2)).await.expect("a list"), ["a", "b"]);
    assert_eq!(queries(&fake), ["sorting.order_by=name&pagination.page_size=2"]);
}

#[tokio::test]
async fn a_list_that_goes_in_circles_ends() {
    let fake = Fake::start().await;
    fake.will_answer([page(&["a"], "t1"), page(&["a"], "t1")]);
    let error = names(&fake, None).await.expect_err("a circle");
    assert_eq!(
        error.to_string(),
        "PackerService_ListBuckets: unexpected answer: the next page is the same page"
    );
}

#[tokio::test]
async fn an_error_ends_the_list() {
    let fake = Fake::start().await;
    fake.will_answer([page(&["a"], "t1"), answer(403, r#"{"code": 7, "message": "no"}"#)]);
    let mut list = fake.registry().list_buckets();
    assert_eq!(list.next().await.expect("an item").map(|bucket| bucket.name), Some("a".into()));
    assert!(list.next().await.is_err());
    assert!(list.next().await.expect("the end").is_none());
}

#[tokio::test]
async fn the_list_of_principals_has_its_own_names_for_pages() {
    let fake = Fake::start().await;
    fake.will_answer([
        answer(200, r#"{"principals": [], "next_page_token": "n"}"#),
        answer(200, r#"{"principals": []}"#),
    ]);
    assert!(fake.client().principals("O").all().await.expect("a list").is_empty());
    assert_eq!(queries(&fake), ["page_token=n"]);
}
