//! `format`: each `tests/data/format/NAME.in.hcl` becomes `NAME.out.hcl`, as `packer fmt` makes it.

use std::path::Path;

use fs_err as fs;
use proptest::prelude::*;
use waybill_template::format::format;

/// Name, text and the text in its one form.
fn measured() -> Vec<(String, String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/format");
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .filter_map(|entry| Some(entry.unwrap().file_name().to_str()?.strip_suffix(".in.hcl")?.to_owned()))
        .collect();
    names.sort_unstable();
    names
        .into_iter()
        .map(|name| {
            let (text, formatted) = (read(&format!("{name}.in.hcl")), read(&format!("{name}.out.hcl")));
            (name, text, formatted)
        })
        .collect()
}

fn without_blanks(text: &str) -> String {
    text.replace([' ', '\t'], "")
}

#[test]
fn texts_get_the_measured_form() {
    for (name, text, formatted) in measured() {
        assert_eq!(format(&text), formatted, "{name}");
    }
}

#[test]
fn what_is_formatted_stays() {
    for (name, _, formatted) in measured() {
        assert_eq!(format(&formatted), formatted, "{name}");
    }
}

#[test]
fn a_text_does_not_grow_without_a_bound() {
    let deep = "[\n".repeat(100_000);
    assert_eq!(format(&deep), deep);
    let wide = format!("{}=1\n{}", "a".repeat(100_000), "b=1\n".repeat(100_000));
    assert_eq!(format(&wide), wide);
}

const PIECES: [&str; 42] = [
    "a", "in", "for", "1", "{", "}", "[", "]", "(", ")", ",", ".", "...", ":", "::", "?", "=", "=>", "-",
    "!", "*", "<", "<<EOT\n", "EOT", "\n", "\r\n", " ", "\t", "   ", "\"", "${", "%{~", "~}", "# c",
    "// d\n", "/* e */", "/*", "é", "\u{feff}", "'", "$$", "\0",
];

proptest! {
    #[test]
    fn only_blanks_change_in_any_text(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..60)) {
        let text = pieces.concat();
        prop_assert_eq!(without_blanks(&format(&text)), without_blanks(text.strip_prefix('\u{feff}').unwrap_or(&text)));
    }

    #[test]
    fn what_is_formatted_stays_in_lines_of_any_kind(
        lines in prop::collection::vec(prop::sample::select(&LINES[..]), 0..30),
    ) {
        let once = format(&lines.concat());
        prop_assert_eq!(format(&once), once);
    }
}

const LINES: [&str; 20] = [
    "a=1\n",
    "long   = foo ( 1,2 )# c\n",
    "b = [\n",
    "]\n",
    "] # d\n",
    "c = {\n",
    "}\n",
    "}}\n",
    "block \"x\"{\n",
    "block{ }\n",
    "\n",
    "   # alone\n",
    "/* x */ y\n",
    "d=<<EOT\n  ${ x }\nEOT\n",
    "1,\n",
    "e=\"${ {a=1} }\"// e\n",
    "f=(\r\n",
    ")\r\n",
    "\t]})\n",
    "g = [{(",
];
