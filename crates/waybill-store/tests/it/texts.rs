//! Texts come back as they were stored, byte for byte, whatever the language.

use std::collections::BTreeMap;

use waybill_model::{
    build::{Build, BuildStatus},
    labels::Labels,
    names::ComponentType,
};
use waybill_store::{BucketChanges, NewBucket, Slice};

use crate::support::{Db, at, new_artifact, new_bucket, new_build, parse, stored_build, uid};

on_both! {
    texts_of_every_script_come_back_unchanged,
    components_are_compared_by_bytes,
    the_largest_labels_fit,
    large_documents_fit,
    text_is_never_sql,
}

const TEXTS: [&str; 9] = [
    "",
    " leading and trailing ",
    "Grüße, 世界, こんにちは, שלום, 👩‍👩‍👧‍👦",
    "e\u{301} is not \u{e9}",
    "\u{1}\t\r\n\u{7f}\u{85}\u{2028}\u{feff}",
    "\u{10FFFF}\u{FFFD}\u{E000}",
    "\\ \\x00 \\' \" ` ; -- /* $1 ?1 :a @b %s %00 \\u0000",
    "NULL",
    "{\"json\": [1, 2.50, null]}",
];

fn texts_of_every_script_come_back_unchanged(db: &mut Db) {
    let project = db.scene().project;
    for text in TEXTS {
        let map: BTreeMap<_, _> = [(format!("k{text}"), text.to_owned())].into();
        let labels = Labels::try_from(map).expect("short labels");
        let new = NewBucket {
            uid: uid(),
            name: parse("ubuntu"),
            description: text.to_owned(),
            labels: labels.clone(),
        };
        db.write(move |tx| {
            let bucket = tx.insert_bucket(project, &new, at(1))?;
            let version = tx.insert_version(bucket, &crate::support::new_version("fp-1"), at(1))?;
            let mut build = new_build("null.a", BuildStatus::Done);
            build.labels = labels.clone();
            let row = tx.insert_build(version, &build, at(1))?;
            let build = Build {
                packer_run_uuid: text.to_owned(),
                platform: text.to_owned(),
                source_external_identifier: text.to_owned(),
                parent_version_uid: text.to_owned(),
                parent_channel_uid: text.to_owned(),
                metadata: Some(text.to_owned()),
                ..stored_build(tx, version, "null.a")?
            };
            tx.update_build(&build, at(1))?;
            tx.put_artifacts(row, &[new_artifact(text, text)], false, at(1))
        });
        let (bucket, build) = db.read(move |tx| {
            let bucket = tx.bucket(project, &parse("ubuntu"))?.expect("it was made");
            let version = tx.version(bucket.id, &parse("fp-1"))?.expect("it was made").id;
            Ok((bucket, stored_build(tx, version, "null.a")?))
        });
        assert_eq!(bucket.description, text);
        assert_eq!(bucket.labels.get(&format!("k{text}")), Some(text));
        assert_eq!(build.labels, bucket.labels);
        for stored in [
            &build.packer_run_uuid,
            &build.platform,
            &build.source_external_identifier,
            &build.parent_version_uid,
            &build.parent_channel_uid,
            &build.artifacts[0].external_identifier,
            &build.artifacts[0].region,
        ] {
            assert_eq!(stored, text);
        }
        assert_eq!(build.metadata.as_deref(), Some(text));
        let slice = crate::search::slice(9);
        let found = db.read(move |tx| tx.search_artifacts(project, text, text, text, &slice)).items;
        assert_eq!(found.len(), 1, "{text:?} is found");
        let id = bucket.id;
        db.write(move |tx| tx.delete_bucket(id));
    }
}

fn components_are_compared_by_bytes(db: &mut Db) {
    let bucket = db.bucket(db.scene().project, "ubuntu");
    let version = db.version(bucket, "fp-1");
    let names = ["é", "e\u{301}", "E", "e", "ß", "ss", " e", "e ", "\u{ff45}"];
    db.write(move |tx| {
        for name in names {
            tx.insert_build(version, &new_build(name, BuildStatus::default()), at(1))?;
        }
        Ok(())
    });
    let builds = db.read(move |tx| tx.builds(version));
    assert_eq!(builds.iter().map(|build| build.component_type.as_str()).collect::<Vec<_>>(), names);
    for build in builds {
        let component: ComponentType = build.component_type.clone();
        let found = db.read(move |tx| tx.build_of_component(version, &component));
        assert_eq!(found.as_deref(), Some(build.uid.as_str()));
    }
}

fn the_largest_labels_fit(db: &mut Db) {
    let project = db.scene().project;
    let id = db.write(move |tx| tx.insert_bucket(project, &new_bucket("ubuntu"), at(1)));
    let map: BTreeMap<String, String> =
        (0..64).map(|number| (format!("{number:02}{}", "é".repeat(63)), "\u{1F4E6}".repeat(256))).collect();
    let largest = Labels::try_from(map).expect("just within the limits");
    let labels = largest.clone();
    db.write(move |tx| {
        tx.update_bucket(
            id,
            &BucketChanges { description: "d".repeat(100_000), labels: labels.clone() },
            at(2),
        )
    });
    let bucket = db.read(move |tx| tx.bucket_by_id(id)).expect("it is there");
    assert_eq!((bucket.labels, bucket.description.len()), (largest, 100_000));
}

fn large_documents_fit(db: &mut Db) {
    let bucket = db.bucket(db.scene().project, "ubuntu");
    let version = db.version(bucket, "fp-1");
    let metadata = format!("{{\"a\":\"{}\"}}", "世".repeat(1_000_000));
    let text = metadata.clone();
    db.write(move |tx| {
        tx.insert_build(version, &new_build("null.a", BuildStatus::default()), at(1))?;
        let build = Build { metadata: Some(text.clone()), ..stored_build(tx, version, "null.a")? };
        tx.update_build(&build, at(1))?;
        tx.insert_blob("large", &vec![7; 8 << 20])
    });
    let stored = db.read(move |tx| stored_build(tx, version, "null.a")).metadata;
    assert!(stored.as_deref() == Some(&metadata), "three million bytes come back");
    assert!(db.read(|tx| tx.blob("large")).is_some_and(|blob| blob == vec![7; 8 << 20]));
}

fn text_is_never_sql(db: &mut Db) {
    let project = db.scene().project;
    let evil = "'; DROP TABLE buckets; --";
    db.read(move |tx| {
        assert_eq!(tx.version_by_uid(project, evil)?, None);
        assert_eq!(tx.channel_by_uid(project, evil)?, None);
        assert_eq!(tx.credential(evil)?, None);
        let slice = Slice { ..crate::search::slice(1) };
        assert!(tx.search_artifacts(project, evil, evil, evil, &slice)?.items.is_empty());
        tx.count_buckets(project)
    });
}
