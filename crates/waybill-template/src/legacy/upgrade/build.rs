//! The build: its sources, provisioners and post-processors.

use super::{
    super::Text,
    Builder, Engine, Error, Place, Template, note,
    text::{self, Given},
};
use crate::{
    json::{Kind, Node},
    legacy::{Applies, PostProcessor, Provisioner},
    source::Span,
};

pub(super) fn build(
    template: &Template,
    builders: &[&Builder],
    names: &[String],
    engine: &Engine,
) -> Result<String, Error> {
    let mut out = "build {\n".to_owned();
    if let Some(description) = template.description.as_ref().filter(|it| !it.text.is_empty()) {
        out.push_str("description = ");
        text::quoted(&description.text, &mut out);
        out.push_str("\n\n");
    }
    out.push_str("sources = ");
    let sources: Vec<_> = builders
        .iter()
        .zip(names)
        .map(|(builder, name)| format!("source.{}.{name}", builder.kind.text))
        .collect();
    text::list(sources.iter().map(String::as_str), &mut out);
    out.push('\n');

    for provisioner in &template.provisioners {
        out.push('\n');
        push(&self::provisioner("provisioner", provisioner)?, engine, &mut out);
    }
    if let Some(provisioner) = &template.cleanup {
        out.push('\n');
        push(&self::provisioner("error-cleanup-provisioner", provisioner)?, engine, &mut out);
    }
    out.push('\n');
    for chain in &template.post_processors {
        let mut block = String::new();
        for link in chain {
            post_processor(link, &mut block)?;
        }
        match chain.len() {
            0 => {}
            1 => push(&block, engine, &mut out),
            _ => push(&format!("post-processors {{\n{block}}}\n"), engine, &mut out),
        }
    }
    out.push_str("}\n");
    Ok(out)
}

/// Adds a block and what there is to say about it.
fn push(block: &str, engine: &Engine, out: &mut String) {
    let rendered = engine.render(block, Place::Block);
    if !rendered.notes.is_empty() {
        out.push('\n');
    }
    note::write(&rendered.notes, false, out);
    out.push_str(&rendered.text);
}

fn provisioner(keyword: &str, provisioner: &Provisioner) -> Result<String, Error> {
    let mut more = applies(&provisioner.applies);
    let durations = [("pause_before", provisioner.pause_before), ("timeout", provisioner.timeout)];
    for (name, duration) in durations {
        if let Some(duration) = duration.map(|it| it.to_string()).filter(|it| it != "0s") {
            more.push((name, string(&duration)));
        }
    }
    if let Some(retries) = provisioner.max_retries.as_ref().filter(|it| !it.text.is_empty()) {
        more.push(("max_retries", string(&retries.text)));
    }
    let mut block = header(keyword, &provisioner.kind.text);
    body(&provisioner.options, &more, &mut block)?;
    block.push_str("}\n");
    Ok(block)
}

fn post_processor(post_processor: &PostProcessor, out: &mut String) -> Result<(), Error> {
    out.push_str(&header("post-processor", &post_processor.kind.text));
    match post_processor.keep_input_artifact {
        None => {}
        Some(true) => out.push_str("keep_input_artifact = true\n"),
        Some(false) => out.push_str("keep_input_artifact = false\n"),
    }
    let mut more = applies(&post_processor.applies);
    if post_processor.name.text != post_processor.kind.text {
        more.push(("name", string(&post_processor.name.text)));
    }
    body(&post_processor.options, &more, out)?;
    out.push_str("}\n");
    Ok(())
}

fn header(keyword: &str, kind: &str) -> String {
    let mut header = format!("{keyword} ");
    text::quoted(kind, &mut header);
    header.push_str(" {\n");
    header
}

fn body(options: &Node, more: &[(&str, Node)], out: &mut String) -> Result<(), Error> {
    let options = text::given(options.as_object().unwrap_or_default());
    text::body(options.chain(more.iter().map(|(name, node)| (*name, Given::Json(node)))), out)
}

fn applies(applies: &Applies) -> Vec<(&'static str, Node)> {
    let list = |items: &[Text]| {
        let items: Vec<_> = items.iter().map(|item| string(&item.text)).collect();
        Node { kind: Kind::Array(items.into()), span: Span::default() }
    };
    vec![("except", list(&applies.except)), ("only", list(&applies.only))]
}

fn string(text: &str) -> Node {
    Node { kind: Kind::String(text.into()), span: Span::default() }
}
