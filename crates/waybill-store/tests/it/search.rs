//! Finding builds by what they made.

use waybill_model::{build::BuildStatus, ids::ProjectId};
use waybill_store::{ArtifactHit, Column, NewBucket, NewBuild, Order, Slice};

use crate::support::{Db, at, done_build, labels, new_artifact, new_build, new_version, parse, uid};

on_both! {
    an_identifier_finds_every_finished_build_that_has_it,
    a_hit_tells_where_the_build_belongs,
}

pub(crate) fn slice(limit: u32) -> Slice {
    Slice {
        order: Order { column: Column::CreatedAt, descending: true },
        from: None,
        backwards: false,
        limit,
    }
}

fn an_identifier_finds_every_finished_build_that_has_it(db: &mut Db) {
    let (project, elsewhere) = (db.scene().project, db.scene().project);
    let (bucket, foreign) = (db.bucket(project, "ubuntu"), db.bucket(elsewhere, "ubuntu"));
    let open = db.version(bucket, "open");
    let version = db.version(foreign, "fp-1");
    db.write(move |tx| {
        done_build(tx, open, "null.one", &[("ami-1", "eu"), ("ami-1", "us"), ("ami-2", "eu")])?;
        done_build(tx, open, "null.two", &[("ami-2", "us")])?;
        done_build(tx, version, "null.three", &[("ami-1", "eu")])?;
        let other = NewBuild { platform: "gcp".to_owned(), ..new_build("null.four", BuildStatus::Done) };
        let other = tx.insert_build(open, &other, at(3))?;
        tx.put_artifacts(other, &[new_artifact("ami-1", "")], false, at(3))?;
        let failed = tx.insert_build(open, &new_build("null.five", BuildStatus::Failed), at(3))?;
        tx.put_artifacts(failed, &[new_artifact("ami-1", "eu")], false, at(3))
    });
    let find =
        |project: ProjectId, identifier: &'static str, platform: &'static str, region: &'static str| {
            let page =
                db.read(move |tx| tx.search_artifacts(project, identifier, platform, region, &slice(10)));
            let component = |hit: &ArtifactHit| hit.build.component_type.to_string();
            page.items.iter().map(component).collect::<Vec<_>>()
        };
    assert_eq!(find(project, "ami-1", "", ""), ["null.four", "null.one"], "newest first, each once");
    assert_eq!(find(project, "ami-1", "aws", ""), ["null.one"]);
    assert_eq!(find(project, "ami-1", "aws", "us"), ["null.one"]);
    assert_eq!(find(project, "ami-1", "", "eu"), ["null.one"]);
    assert_eq!(find(project, "ami-2", "", "us"), ["null.two"], "the region of the same artifact");
    assert_eq!(find(project, "ami-1", "azure", ""), [""; 0]);
    assert_eq!(find(project, "ami", "", ""), [""; 0], "the whole identifier");
    assert_eq!(find(project, "", "", ""), [""; 0]);
    assert_eq!(find(elsewhere, "ami-1", "", ""), ["null.three"]);
}

fn a_hit_tells_where_the_build_belongs(db: &mut Db) {
    let project = db.scene().project;
    let new = NewBucket {
        uid: uid(),
        name: parse("ubuntu"),
        description: String::new(),
        labels: labels(&[("os", "linux")]),
    };
    let uid = new.uid.to_string();
    let (bucket, version) = db.write(move |tx| {
        let bucket = tx.insert_bucket(project, &new, at(1))?;
        let version = tx.insert_version(bucket, &new_version("fp-1"), at(1))?;
        done_build(tx, version, "null.a", &[("ami-1", "eu"), ("ami-2", "us")])?;
        tx.insert_build(version, &new_build("null.b", BuildStatus::Running), at(1))?;
        Ok((bucket, version))
    });
    let hit =
        db.read(move |tx| tx.search_artifacts(project, "ami-2", "", "", &slice(1))).items.swap_remove(0);
    assert_eq!((hit.bucket, hit.bucket_uid, hit.bucket_name), (bucket, uid, parse("ubuntu")));
    assert_eq!(hit.bucket_labels, labels(&[("os", "linux")]));
    assert_eq!(Some(hit.version), db.read(move |tx| tx.version_by_id(version)));
    assert_eq!(hit.build, db.read(move |tx| tx.builds(version)).swap_remove(0));
    assert_eq!(hit.build.artifacts.len(), 2, "with all that it made");
}
