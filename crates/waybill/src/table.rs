//! Plain columns for people.

use std::borrow::Cow;

use comfy_table::{ContentArrangement, Table as Columns, presets::NOTHING};
use jiff::Timestamp;
use waybill_api::time::DateTime;

/// A table with a header line, or aligned pairs of name and value.
pub(crate) struct Table(Columns);

impl Table {
    pub(crate) fn new<const N: usize>(header: [&str; N]) -> Self {
        let mut columns = plain();
        columns.set_header(header);
        Self(columns)
    }

    /// Pairs of a name and a value.
    pub(crate) fn fields() -> Self {
        Self(plain())
    }

    pub(crate) fn row<const N: usize>(&mut self, cells: [&str; N]) {
        self.0.add_row(cells.map(|cell| if cell.is_empty() { "-".into() } else { clean(cell) }));
    }

    /// Adds the pair, unless there is no value.
    pub(crate) fn field(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.row([name, value]);
        }
    }

    /// The text, each line with a line break. A table without rows is empty.
    pub(crate) fn text(mut self) -> String {
        if self.0.is_empty() {
            return String::new();
        }
        for column in self.0.column_iter_mut() {
            column.set_padding((0, 2));
        }
        let mut text = String::new();
        for line in self.0.lines() {
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

fn plain() -> Columns {
    let mut columns = Columns::new();
    columns.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled).force_no_tty();
    columns
}

/// Text from elsewhere made fit for a terminal: nothing in it moves the cursor or changes colours.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if !text.chars().any(char::is_control) {
        return Cow::Borrowed(text);
    }
    let escape = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    Cow::Owned(text.chars().map(escape).collect())
}

/// A moment to the second, in UTC.
pub(crate) fn moment(at: DateTime) -> String {
    Timestamp::from(at).strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// `KEY=VALUE` pairs in one line.
pub(crate) fn pairs<'a>(labels: impl IntoIterator<Item = (&'a String, &'a String)>) -> String {
    labels.into_iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(", ")
}

/// A size as people say it.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    match UNITS.iter().find(|(_, unit)| *unit <= bytes) {
        Some((name, unit)) => {
            let tenths = u128::from(bytes) * 10 / u128::from(*unit);
            format!("{}.{} {name}", tenths / 10, tenths % 10)
        }
        None => format!("{bytes} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_nothing_trails() {
        let mut table = Table::new(["NAME", "STATUS", "NOTE"]);
        table.row(["ubuntu", "active", ""]);
        table.row(["a", "revoked", "it is old"]);
        assert_eq!(table.text(), "NAME    STATUS   NOTE\nubuntu  active   -\na       revoked  it is old\n");
    }

    #[test]
    fn fields_without_a_value_are_left_out() {
        let mut fields = Table::fields();
        fields.field("name", "ubuntu");
        fields.field("description", "");
        fields.field("versions", "3");
        assert_eq!(fields.text(), "name      ubuntu\nversions  3\n");
    }

    #[test]
    fn text_from_elsewhere_cannot_control_the_terminal() {
        assert_eq!(clean("plain ö"), "plain ö");
        assert_eq!(clean("a\u{1b}[31mred\nb"), "a\\u{1b}[31mred\\nb");
    }

    #[test]
    fn sizes() {
        let check = |bytes: u64| size(bytes);
        assert_eq!(check(0), "0 B");
        assert_eq!(check(1023), "1023 B");
        assert_eq!(check(1024), "1.0 KiB");
        assert_eq!(check(1_600_000), "1.5 MiB");
        assert_eq!(check(5 << 30), "5.0 GiB");
        assert_eq!(check(u64::MAX), "17179869183.9 GiB");
    }

    #[test]
    fn moments() {
        assert_eq!(moment("2026-11-24T10:00:00.123456Z".parse().expect("a time")), "2026-11-24 10:00:00Z");
    }
}
