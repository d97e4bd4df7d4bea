use std::{collections::BTreeSet, io::Read};
use waybill_template::{diagnostic::Diagnostics, source::Sources, syntax};
fn main() {
    let mut all = String::new();
    std::io::stdin().read_to_string(&mut all).unwrap();
    let verbose = std::env::args().nth(1).is_some();
    for text in all.split("\u{1}\n") {
        let mut sources = Sources::default();
        let file = sources.add("t.pkr.hcl", text);
        let mut d = Diagnostics::default();
        syntax::parse_body(file, text, &mut d);
        if verbose {
            for f in &d {
                println!("  {} {}: {}", sources.start(f.subject.unwrap()).line, f.summary, f.detail);
            }
            println!("--");
            continue;
        }
        let lines: BTreeSet<usize> = d.iter().map(|f| sources.start(f.subject.unwrap()).line).collect();
        let theirs = if hcl_edit::parser::parse_body(text).is_ok() { "ok" } else { "no" };
        let lines: Vec<_> = lines.iter().map(|l| l.to_string()).collect();
        println!("{}\t{}\t{}", lines.join(" "), d.len(), theirs);
    }
}
