//! Character sets by the names of IANA's registry.

use std::{collections::HashMap, sync::LazyLock};

use encoding_rs::ISO_2022_JP;

use super::several::{self, Several};

/// A character set, under its first name in the registry.
#[derive(Clone, Copy, Debug)]
pub(super) struct Charset {
    pub(super) name: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Utf8,
    Utf16(Order),
    Ascii,
    /// A byte is a character.
    Bytes(&'static Bytes),
    Several(&'static Several),
    Iso2022Jp,
    Hz,
}

/// Of the two bytes of a UTF-16 unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Big,
    Little,
    /// Told by a mark at the start.
    Marked,
}

#[derive(Debug)]
struct Bytes {
    characters: Vec<Option<char>>,
    bytes: HashMap<char, u8>,
}

/// Names and further names, in lower case, of what has more than one byte per character.
const SEVERAL: &[(&str, &[&str], Kind)] = &[
    ("UTF-8", &["csutf8"], Kind::Utf8),
    ("UTF-16", &["csutf16"], Kind::Utf16(Order::Marked)),
    ("UTF-16BE", &["csutf16be"], Kind::Utf16(Order::Big)),
    ("UTF-16LE", &["csutf16le"], Kind::Utf16(Order::Little)),
    (
        "US-ASCII",
        &[
            "ansi_x3.4-1968",
            "ansi_x3.4-1986",
            "cp367",
            "csascii",
            "ibm367",
            "iso-ir-6",
            "iso646-us",
            "iso_646.irv:1991",
            "us",
        ],
        Kind::Ascii,
    ),
    ("Big5", &["csbig5"], Kind::Several(&several::BIG5)),
    ("EUC-KR", &["cseuckr"], Kind::Several(&several::EUC_KR)),
    (
        "Extended_UNIX_Code_Packed_Format_for_Japanese",
        &["cseucpkdfmtjapanese", "euc-jp"],
        Kind::Several(&several::EUC_JP),
    ),
    ("GB18030", &["csgb18030"], Kind::Several(&several::GB18030)),
    ("GBK", &["cp936", "csgbk", "ms936", "windows-936"], Kind::Several(&several::GBK)),
    ("HZ-GB-2312", &[], Kind::Hz),
    ("ISO-2022-JP", &["csiso2022jp"], Kind::Iso2022Jp),
    ("Shift_JIS", &["csshiftjis", "ms_kanji"], Kind::Several(&several::SHIFT_JIS)),
];

/// All of them by their names in lower case.
static CHARSETS: LazyLock<HashMap<String, Charset>> = LazyLock::new(|| {
    let mut charsets = HashMap::new();
    for &(name, further, kind) in SEVERAL {
        for known in further.iter().copied().chain([name]) {
            charsets.insert(known.to_lowercase(), Charset { name, kind });
        }
    }
    for line in include_str!("charsets.txt").lines().filter(|line| !line.starts_with('#')) {
        let mut columns = line.split('\t');
        let name = columns.next().unwrap_or_default();
        let further = columns.next().unwrap_or_default();
        let bytes = Box::leak(Box::new(Bytes::read(columns.next().unwrap_or_default())));
        for known in further.split(',').chain([name]) {
            charsets.insert(known.to_lowercase(), Charset { name, kind: Kind::Bytes(bytes) });
        }
    }
    charsets
});

/// The character set of that name, in upper or lower case, blanks around it aside.
pub(super) fn find(name: &str) -> Option<Charset> {
    CHARSETS.get(&name.trim().to_lowercase()).filter(|_| !name.trim().is_empty()).copied()
}

impl Bytes {
    /// From the table's last column.
    fn read(column: &str) -> Self {
        let listed: Vec<Option<char>> = column
            .split(' ')
            .map(|code| u32::from_str_radix(code, 16).ok().and_then(char::from_u32))
            .collect();
        let ascii = 256_usize.saturating_sub(listed.len());
        let ascii = (0..ascii).map(|code| u8::try_from(code).ok().map(char::from));
        let characters: Vec<_> = ascii.chain(listed).collect();
        let bytes = (0..=u8::MAX)
            .rev()
            .filter_map(|byte| Some(((*characters.get(usize::from(byte))?)?, byte)))
            .collect();
        Self { characters, bytes }
    }
}

impl Charset {
    /// The text's bytes; `None` if it has characters that the set does not have.
    pub(super) fn encode(self, text: &str) -> Option<Vec<u8>> {
        match self.kind {
            Kind::Utf8 => Some(text.into()),
            Kind::Utf16(order) => {
                let mark = if order == Order::Marked { "\u{feff}" } else { "" };
                let units = mark.encode_utf16().chain(text.encode_utf16());
                Some(match order {
                    Order::Little => units.flat_map(u16::to_le_bytes).collect(),
                    Order::Big | Order::Marked => units.flat_map(u16::to_be_bytes).collect(),
                })
            }
            Kind::Ascii => text.is_ascii().then(|| text.into()),
            Kind::Bytes(set) => text.chars().map(|c| set.bytes.get(&c).copied()).collect(),
            Kind::Several(set) => {
                let mut bytes = Vec::with_capacity(2 * text.len());
                for c in text.chars() {
                    set.encode(c, &mut bytes)?;
                }
                Some(bytes)
            }
            Kind::Iso2022Jp => iso_2022_jp(text),
            Kind::Hz => hz(text),
        }
    }

    /// The text; `None` if bytes mean nothing, or stand for the character that replaces what means nothing.
    pub(super) fn decode(self, bytes: &[u8]) -> Option<String> {
        let text = match self.kind {
            Kind::Utf8 => str::from_utf8(bytes).ok()?.to_owned(),
            Kind::Utf16(order) => {
                let (order, bytes) = match (order, bytes) {
                    (Order::Marked, [0xfe, 0xff, bytes @ ..]) => (Order::Big, bytes),
                    (Order::Marked, [0xff, 0xfe, bytes @ ..]) => (Order::Little, bytes),
                    (order, bytes) => (order, bytes),
                };
                let (units, rest) = bytes.as_chunks();
                let unit = if order == Order::Little { u16::from_le_bytes } else { u16::from_be_bytes };
                let units: Vec<u16> = units.iter().map(|&bytes| unit(bytes)).collect();
                String::from_utf16(&units).ok().filter(|_| rest.is_empty())?
            }
            Kind::Ascii => str::from_utf8(bytes).ok().filter(|text| text.is_ascii())?.to_owned(),
            Kind::Bytes(set) => bytes
                .iter()
                .map(|&byte| set.characters.get(usize::from(byte)).copied().flatten())
                .collect::<Option<_>>()?,
            Kind::Several(set) => set.decode(bytes)?,
            Kind::Iso2022Jp => several::text(ISO_2022_JP, bytes)?,
            Kind::Hz => hz_text(bytes)?,
        };
        (!text.contains('\u{fffd}')).then_some(text)
    }
}

/// Like EUC-JP with seven bits, in sections that escapes begin: ASCII, narrow katakana, or two bytes a character.
fn iso_2022_jp(text: &str) -> Option<Vec<u8>> {
    const ASCII: &[u8] = b"\x1b(B";
    const KATAKANA: &[u8] = b"\x1b(I";
    const TWO_BYTES: &[u8] = b"\x1b$B";
    let mut out = Vec::new();
    let mut section = ASCII;
    let mut buffer = [0; 4];
    for c in text.chars() {
        let (wanted, bytes) = match c {
            '\0'..='\x7f' => (ASCII, c.encode_utf8(&mut buffer).as_bytes().to_vec()),
            '\u{ff61}'..='\u{ff9f}' => {
                (KATAKANA, vec![u8::try_from(u32::from(c) - 0xff61 + 0x21).unwrap_or_default()])
            }
            _ => (TWO_BYTES, seven_bits(&several::EUC_JP, c)?.into()),
        };
        if section != wanted {
            out.extend(wanted);
            section = wanted;
        }
        out.extend(bytes);
    }
    if section != ASCII {
        out.extend(ASCII);
    }
    Some(out)
}

/// The two bytes of a character that both have the eighth bit, without it.
fn seven_bits(set: &Several, c: char) -> Option<[u8; 2]> {
    let mut bytes = Vec::new();
    set.encode(c, &mut bytes)?;
    let bytes: [u8; 2] = bytes.try_into().ok()?;
    bytes.iter().all(|byte| 0xa1 <= *byte).then(|| bytes.map(|byte| byte & 0x7f))
}

/// GB 2312 with seven bits, between `~{` and `~}`; `~~` is a tilde.
fn hz(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut is_inside = false;
    let mut buffer = [0; 4];
    for c in text.chars() {
        if is_inside == c.is_ascii() {
            out.extend(if is_inside { b"~}" } else { b"~{" });
            is_inside = !is_inside;
        }
        match c {
            '~' => out.extend(b"~~"),
            '\0'..='\x7f' => out.extend(c.encode_utf8(&mut buffer).as_bytes()),
            _ => out.extend(seven_bits(&several::GBK, c)?),
        }
    }
    Some(out)
}

fn hz_text(bytes: &[u8]) -> Option<String> {
    let mut out = Vec::new();
    let mut rest = bytes;
    let mut is_inside = false;
    loop {
        rest = match rest {
            [] => return several::GBK.decode(&out),
            [b'~', b'{', rest @ ..] if !is_inside => {
                is_inside = true;
                rest
            }
            [b'~', b'}', rest @ ..] if is_inside => {
                is_inside = false;
                rest
            }
            [b'~', b'\n', rest @ ..] => rest,
            [b'~', b'~', rest @ ..] if !is_inside => {
                out.push(b'~');
                rest
            }
            [first @ 0x21..=0x7d, second @ 0x21..=0x7e, rest @ ..] if is_inside => {
                out.extend([first | 0x80, second | 0x80]);
                rest
            }
            [byte @ (b'\n' | 0..=0x7d | 0x7f), rest @ ..] if !is_inside => {
                out.push(*byte);
                rest
            }
            _ => return None,
        };
    }
}
