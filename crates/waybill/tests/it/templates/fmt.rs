//! `waybill fmt`: what it changes, what it leaves alone, how it ends.

use std::{fs::Permissions, os::unix::fs::PermissionsExt as _};

use insta::assert_snapshot;

use crate::cli::Scene;

const MESSY: &str = "locals {\n a=1\n  long   = [ 1,2 ]\n}\n";
const NEAT: &str = "locals {\n  a    = 1\n  long = [1, 2]\n}\n";

fn read(scene: &Scene, name: &str) -> String {
    fs_err::read_to_string(scene.folder().join(name)).expect("the file is there")
}

fn scene() -> Scene {
    let scene = Scene::offline();
    fs_err::create_dir_all(scene.folder().join("sub/deep")).expect("the folder is new");
    for name in ["b.pkr.hcl", "a.pkrvars.hcl", "sub/c.pkr.hcl", "sub/deep/d.auto.pkrvars.hcl"] {
        scene.write(name, MESSY);
    }
    for name in [".hidden.pkr.hcl", "copy.pkr.hcl~", "#lock.pkr.hcl#", "other.hcl", "t.pkr.json"] {
        scene.write(name, MESSY);
    }
    scene.write("neat.pkr.hcl", NEAT);
    scene
}

#[test]
fn names_of_files_that_change_are_printed() {
    let scene = scene();
    assert_snapshot!(scene.run("fmt ."), @r"
    exit 0
    --- stdout
    a.pkrvars.hcl
    b.pkr.hcl
    ");
    for name in ["b.pkr.hcl", "a.pkrvars.hcl", "neat.pkr.hcl"] {
        assert_eq!(read(&scene, name), NEAT, "{name}");
    }
    for name in
        ["sub/c.pkr.hcl", ".hidden.pkr.hcl", "copy.pkr.hcl~", "#lock.pkr.hcl#", "other.hcl", "t.pkr.json"]
    {
        assert_eq!(read(&scene, name), MESSY, "{name}");
    }
    assert_eq!(scene.run("fmt ."), "exit 0\n");
}

#[test]
fn folders_in_folders_are_formatted_when_asked_for() {
    let scene = scene();
    assert_snapshot!(scene.run("fmt -recursive ."), @r"
    exit 0
    --- stdout
    a.pkrvars.hcl
    b.pkr.hcl
    sub/c.pkr.hcl
    sub/deep/d.auto.pkrvars.hcl
    ");
    assert_eq!(read(&scene, "sub/deep/d.auto.pkrvars.hcl"), NEAT);
    assert_eq!(read(&scene, ".hidden.pkr.hcl"), MESSY);
}

#[test]
fn check_changes_nothing_and_says_by_its_exit_code_that_something_would_change() {
    let scene = scene();
    assert_snapshot!(scene.run("fmt -check ."), @r"
    exit 3
    --- stdout
    a.pkrvars.hcl
    b.pkr.hcl
    ");
    assert_snapshot!(scene.run("fmt -check -recursive sub"), @r"
    exit 3
    --- stdout
    sub/c.pkr.hcl
    sub/deep/d.auto.pkrvars.hcl
    ");
    assert_eq!(read(&scene, "b.pkr.hcl"), MESSY);
    assert_eq!(scene.run("fmt -check neat.pkr.hcl"), "exit 0\n");
}

#[test]
fn differences_are_those_of_diff() {
    let scene = scene();
    assert_snapshot!(scene.run("fmt -diff -write=false b.pkr.hcl"), @r"
    exit 0
    --- stdout
    b.pkr.hcl
    --- old/b.pkr.hcl
    +++ new/b.pkr.hcl
    @@ -1,4 +1,4 @@
     locals {
    - a=1
    -  long   = [ 1,2 ]
    +  a    = 1
    +  long = [1, 2]
     }
    ");
    assert_eq!(read(&scene, "b.pkr.hcl"), MESSY);
    assert_snapshot!(scene.run("fmt -check -diff a.pkrvars.hcl neat.pkr.hcl"), @r"
    exit 3
    --- stdout
    a.pkrvars.hcl
    --- old/a.pkrvars.hcl
    +++ new/a.pkrvars.hcl
    @@ -1,4 +1,4 @@
     locals {
    - a=1
    -  long   = [ 1,2 ]
    +  a    = 1
    +  long = [1, 2]
     }
    ");
    assert_eq!(read(&scene, "a.pkrvars.hcl"), MESSY);
    assert!(
        scene.run("fmt -diff b.pkr.hcl").starts_with("exit 0\n--- stdout\nb.pkr.hcl\n--- old/b.pkr.hcl\n")
    );
    assert_eq!(read(&scene, "b.pkr.hcl"), NEAT);
}

#[test]
fn stdin_is_formatted_to_stdout() {
    let scene = Scene::offline();
    assert_eq!(scene.pipe("fmt -", MESSY), format!("exit 0\n--- stdout\n{NEAT}"));
    assert_eq!(scene.pipe("fmt -", NEAT), format!("exit 0\n--- stdout\n{NEAT}"));
    assert_eq!(scene.pipe("fmt -", ""), "exit 0\n");
    assert_snapshot!(scene.pipe("fmt -check -", MESSY), @r"
    exit 3
    ");
    assert_eq!(scene.pipe("fmt -write=false -", MESSY), "exit 0\n");
    // Nothing keeps back what is right already.
    for line in ["fmt -check -", "fmt -write=false -"] {
        assert_eq!(scene.pipe(line, NEAT), format!("exit 0\n--- stdout\n{NEAT}"), "{line}");
    }
    assert_eq!(scene.pipe("fmt -diff -", MESSY), format!("exit 0\n--- stdout\n{NEAT}"));
    assert_snapshot!(scene.pipe("fmt -", "locals {\n"), @r#"
    exit 1
    --- stdout
    Error: Unclosed configuration block

      on - line 1:
       1: locals {

    The block "locals" is not closed before the file ends. Its `}` is missing, or
    that of something inside of it.
    "#);
}

#[test]
fn comments_keep_their_bytes() {
    let scene = Scene::offline();
    let path = scene.folder().join("latin1.pkr.hcl");
    fs_err::write(&path, b"locals {\n a=1 # caf\xe9 \xef\xbf\xbd\n}\n").expect("the folder is writable");
    assert_eq!(scene.run("fmt ."), "exit 0\n--- stdout\nlatin1.pkr.hcl\n");
    let bytes = fs_err::read(&path).expect("the file is there");
    assert_eq!(bytes, b"locals {\n  a = 1 # caf\xe9 \xef\xbf\xbd\n}\n");
}

#[test]
fn a_file_that_cannot_be_understood_stays_and_the_others_are_formatted() {
    let scene = scene();
    let broken = "locals {\n a=1\n";
    scene.write("aa.pkr.hcl", broken);
    scene.write("bytes.pkr.hcl", "");
    fs_err::write(scene.folder().join("bytes.pkr.hcl"), b"a=\"\xff\"\n").expect("the folder is writable");
    assert_snapshot!(scene.run("fmt ."), @r#"
    exit 1
    --- stdout
    a.pkrvars.hcl
    b.pkr.hcl
    Error: Unclosed configuration block

      on aa.pkr.hcl line 1:
       1: locals {

    The block "locals" is not closed before the file ends. Its `}` is missing, or
    that of something inside of it.


    Error: Invalid character encoding

      on bytes.pkr.hcl line 1:
       1: a="�"

    Here is a byte that is not UTF-8. Save the file as UTF-8.
    "#);
    assert_eq!(read(&scene, "aa.pkr.hcl"), broken);
    assert_eq!(read(&scene, "b.pkr.hcl"), NEAT);
    assert_snapshot!(scene.run("fmt other.hcl absent.pkr.hcl"), @r"
    exit 1
    --- stdout
    Error: `other.hcl` ends neither in `.pkr.hcl` nor in `.pkrvars.hcl`: it is not formatted

    Error: `absent.pkr.hcl` cannot be read: there is no such file or folder
    ");
}

#[test]
fn permissions_and_links_stay() {
    let scene = Scene::offline();
    scene.write("x.pkr.hcl", MESSY);
    let path = scene.folder().join("x.pkr.hcl");
    fs_err::set_permissions(&path, Permissions::from_mode(0o640)).expect("it is ours");
    fs_err::os::unix::fs::symlink("x.pkr.hcl", scene.folder().join("link.pkr.hcl"))
        .expect("links are possible");
    assert_snapshot!(scene.run("fmt link.pkr.hcl"), @r"
    exit 0
    --- stdout
    link.pkr.hcl
    ");
    assert_eq!(read(&scene, "x.pkr.hcl"), NEAT);
    assert_eq!(fs_err::metadata(&path).expect("it is there").permissions().mode() & 0o777, 0o640);
    let link = fs_err::symlink_metadata(scene.folder().join("link.pkr.hcl")).expect("it is there");
    assert!(link.is_symlink());
    let files = fs_err::read_dir(scene.folder()).expect("the folder is there").count();
    assert_eq!(files, 2, "nothing else is left behind");
}

#[test]
fn a_file_is_replaced_in_one_step() {
    let scene = Scene::offline();
    scene.write("x.pkr.hcl", MESSY);
    let before = fs_err::File::open(scene.folder().join("x.pkr.hcl")).expect("it is there");
    scene.run("fmt x.pkr.hcl");
    // Whoever has the file open goes on reading what was there.
    assert_eq!(std::io::read_to_string(before).expect("it is text"), MESSY);
}

#[test]
fn line_ends_and_heredocs_stay() {
    let scene = Scene::offline();
    let before = "locals {\r\n a=1\r\n}\r\n";
    assert!(scene.pipe("fmt -", before).contains("  a = 1"));
    scene.write("x.pkr.hcl", before);
    scene.run("fmt x.pkr.hcl");
    assert_eq!(read(&scene, "x.pkr.hcl"), "locals {\r\n  a = 1\r\n}\r\n");
}
