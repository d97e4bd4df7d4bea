//! The table of operations is that of the descriptions.

use std::collections::BTreeSet;

use waybill_api::operation::{Api, OPERATIONS, operation};

use crate::description::{Description, PACKER_2021, PACKER_2023, PLATFORM};

#[test]
fn the_table_has_every_operation_of_every_description_and_no_other() {
    let check = |api: Api, yaml: &str, count: usize| {
        let description = Description::read(yaml);
        let described: BTreeSet<_> = description
            .operations()
            .map(|(path, method, operation)| {
                let id = operation["operationId"].as_str().unwrap().to_owned();
                (id, method.to_ascii_uppercase(), without_names(path))
            })
            .collect();
        let table = OPERATIONS.iter().filter(|operation| operation.api == api);
        let listed: BTreeSet<_> = table
            .map(|it| (it.id.to_owned(), it.method.as_str().to_owned(), without_names(it.path)))
            .collect();
        assert_eq!(listed, described);
        assert_eq!(listed.len(), count, "{api:?}");
    };
    check(Api::Packer2023, PACKER_2023, 52);
    check(Api::Packer2021, PACKER_2021, 28);
    check(Api::Platform, PLATFORM, 42);
    assert_eq!(OPERATIONS.len(), 52 + 28 + 42);
}

#[test]
fn a_placeholder_is_a_plain_word() {
    for operation in OPERATIONS {
        for segment in operation.path.split('/').filter(|segment| segment.contains(['{', '}'])) {
            let name = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap();
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{}", operation.path);
        }
    }
}

#[test]
fn an_operation_is_found_by_interface_and_id() {
    let path = |api, id| operation(api, id).map(|operation| operation.path.rsplit('/').next());
    assert_eq!(path(Api::Packer2023, "PackerService_GetBucket"), Some(Some("{bucket_name}")));
    assert_eq!(path(Api::Packer2023, "PackerService_ListBuckets"), Some(Some("buckets")));
    assert_eq!(path(Api::Packer2021, "PackerService_ListBuckets"), Some(Some("images")));
    assert_eq!(path(Api::Platform, "PackerService_ListBuckets"), None);
}

/// The path with `{}` for every placeholder.
fn without_names(path: &str) -> String {
    let plain = |segment| if str::starts_with(segment, '{') { "{}" } else { segment };
    path.split('/').map(plain).collect::<Vec<_>>().join("/")
}
