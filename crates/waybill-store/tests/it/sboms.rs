//! SBOMs and the documents that they share.

use waybill_model::ids::{BuildId, SbomId};
use waybill_store::{NewSbom, Sbom};

use crate::support::{Db, at, done_build, is_constraint, new_version, parse, uid};

on_both! {
    an_sbom_is_stored_by_name,
    an_sbom_may_be_called_by_its_version,
    a_new_sbom_takes_the_place_of_one_of_the_same_name,
    a_document_is_kept_once_until_its_last_sbom_goes,
    a_document_goes_with_the_build_version_bucket_or_registry,
    an_sbom_needs_its_document,
}

fn new_sbom(name: &str, digest: &str) -> NewSbom {
    NewSbom {
        uid: uid(),
        name: waybill_model::names::SbomName::known(name).expect("a test uses good names"),
        format: "cyclonedx",
        digest: digest.to_owned(),
        size_bytes: 1000,
    }
}

/// Stores a document and an SBOM that names it.
fn put(db: &Db, build: BuildId, name: &'static str, digest: &'static str) -> SbomId {
    db.write(move |tx| {
        tx.insert_blob(digest, digest.as_bytes())?;
        tx.put_sbom(build, &new_sbom(name, digest), at(5))?;
        let known = waybill_model::names::SbomName::known(name).expect("a test uses good names");
        Ok(tx.sbom(build, &known)?.expect("it was stored").id)
    })
}

fn has(db: &Db, digest: &'static str) -> bool {
    db.read(move |tx| tx.blob(digest)).is_some()
}

fn build(db: &Db) -> BuildId {
    let bucket = db.bucket(db.scene().project, "ubuntu");
    let version = db.version(bucket, "fp-1");
    db.write(move |tx| done_build(tx, version, "null.a", &[]))
}

fn an_sbom_is_stored_by_name(db: &mut Db) {
    let build = build(db);
    assert_eq!(db.read(move |tx| tx.sboms(build)), []);
    let new = NewSbom { format: "spdx", size_bytes: i64::MAX, ..new_sbom("zzz-sbom", "digest") };
    let uid = new.uid.to_string();
    let content: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let blob = content.clone();
    db.write(move |tx| {
        tx.insert_blob("digest", &blob)?;
        tx.put_sbom(build, &new, at(5))
    });
    let id = db.read(move |tx| tx.sboms(build))[0].id;
    let expected = Sbom {
        id,
        uid,
        name: parse("zzz-sbom"),
        format: "spdx".to_owned(),
        digest: "digest".to_owned(),
        size_bytes: i64::MAX,
        created_at: at(5),
    };
    assert_eq!(db.read(move |tx| tx.sbom(build, &parse("zzz-sbom"))), Some(expected));
    assert_eq!(db.read(move |tx| tx.sbom(build, &parse("ZZZ-sbom"))), None);
    assert_eq!(db.read(move |tx| tx.sbom(BuildId(99), &parse("zzz-sbom"))), None);
    assert_eq!(db.read(|tx| tx.blob("digest")), Some(content));
    assert_eq!(db.read(|tx| tx.blob("other")), None);
    put(db, build, "aaa-sbom", "digest-2");
    let names: Vec<_> = db.read(move |tx| tx.sboms(build)).iter().map(|sbom| sbom.name.to_string()).collect();
    assert_eq!(names, ["aaa-sbom", "zzz-sbom"]);
}

fn an_sbom_may_be_called_by_its_version(db: &mut Db) {
    let bucket = db.bucket(db.scene().project, "ubuntu");
    let build = db.write(move |tx| {
        let version = tx.insert_version(bucket, &new_version("1.0"), at(1))?;
        done_build(tx, version, "null.a", &[])
    });
    put(db, build, "1.0", "digest");
    assert_eq!(db.read(move |tx| tx.sboms(build))[0].name.as_str(), "1.0");
}

fn a_new_sbom_takes_the_place_of_one_of_the_same_name(db: &mut Db) {
    let build = build(db);
    let first = put(db, build, "sbom", "one");
    put(db, build, "other", "shared");
    let before = db.read(move |tx| tx.sbom(build, &parse("sbom"))).expect("it was stored");
    // The same document again stays.
    let same = put(db, build, "sbom", "one");
    assert_eq!(same, first);
    assert!(has(db, "one"));
    let after = db.read(move |tx| tx.sbom(build, &parse("sbom"))).expect("it was stored");
    assert_ne!(after.uid, before.uid);
    // Another one takes its place, and the old one goes.
    put(db, build, "sbom", "two");
    assert!(!has(db, "one") && has(db, "two"));
    put(db, build, "sbom", "shared");
    assert!(!has(db, "two") && has(db, "shared"));
    put(db, build, "sbom", "three");
    assert!(has(db, "shared"), "the other SBOM names it");
    assert_eq!(db.read(move |tx| tx.sboms(build)).len(), 2);
}

fn a_document_is_kept_once_until_its_last_sbom_goes(db: &mut Db) {
    let build = build(db);
    let one = put(db, build, "one", "shared");
    let two = put(db, build, "two", "shared");
    put(db, build, "three", "own");
    db.write(|tx| tx.insert_blob("shared", b"other bytes are ignored"));
    assert_eq!(db.read(|tx| tx.blob("shared")), Some(b"shared".to_vec()));
    db.write(move |tx| tx.delete_sbom(one));
    assert!(has(db, "shared"));
    assert_eq!(db.read(move |tx| tx.sboms(build)).len(), 2);
    db.write(move |tx| tx.delete_sbom(two));
    assert!(!has(db, "shared") && has(db, "own"));
    db.write(|tx| tx.delete_sbom(SbomId(99)));
    assert_eq!(db.read(move |tx| tx.sboms(build)).len(), 1);
}

fn a_document_goes_with_the_build_version_bucket_or_registry(db: &mut Db) {
    let project = db.scene().project;
    let elsewhere = build(db);
    put(db, elsewhere, "keep", "kept");
    // Each of the four holds a document of its own, one that the last of them shares, and one that is kept.
    let owner = |bucket: &'static str| {
        let bucket = db.bucket(project, bucket);
        let version = db.version(bucket, "fp-1");
        let build = db.write(move |tx| done_build(tx, version, "null.a", &[]));
        put(db, build, "shared", "shared");
        put(db, build, "kept", "kept");
        (bucket, version, build)
    };
    let (_, _, build) = owner("by-build");
    let (of_version, version, in_version) = owner("by-version");
    let (bucket, _, in_bucket) = owner("by-bucket");
    let (_, _, in_registry) = owner("by-registry");
    put(db, build, "own", "build");
    put(db, in_version, "own", "version");
    put(db, in_bucket, "own", "bucket");
    put(db, in_registry, "own", "registry");
    let held = || ["build", "version", "bucket", "registry", "shared", "kept"].map(|digest| has(db, digest));
    assert_eq!(held(), [true; 6]);
    db.write(move |tx| tx.delete_build(build));
    assert_eq!(held(), [false, true, true, true, true, true]);
    db.write(move |tx| tx.delete_version(of_version, version, at(9)));
    assert_eq!(held(), [false, false, true, true, true, true]);
    db.write(move |tx| tx.delete_bucket(bucket));
    assert_eq!(held(), [false, false, false, true, true, true]);
    db.write(move |tx| tx.delete_registry(project));
    assert_eq!(held(), [false, false, false, false, false, true]);
    assert_eq!(db.read(move |tx| tx.sboms(elsewhere)).len(), 1);
}

fn an_sbom_needs_its_document(db: &mut Db) {
    let build = build(db);
    let error = db
        .try_write(move |tx| tx.put_sbom(build, &new_sbom("sbom", "nothing"), at(1)))
        .expect_err("there is no such document");
    assert!(is_constraint(&error), "{error}");
    let error = db
        .try_write(move |tx| {
            tx.insert_blob("digest", b"")?;
            tx.put_sbom(build, &NewSbom { format: "invented", ..new_sbom("sbom", "digest") }, at(1))
        })
        .expect_err("there is no such format");
    assert!(is_constraint(&error), "{error}");
    assert!(!has(db, "digest"), "nothing of the transaction stays");
}
