//! Character sets in which a character has one byte or several.
//!
//! Texts are read by `encoding_rs`. It writes less than it reads, though, so what is written is found by reading all
//! there is. Characters for private use are neither read nor written.

use std::{collections::HashMap, sync::LazyLock};

use encoding_rs::Encoding;

#[derive(Debug)]
pub(super) struct Several {
    encoding: &'static Encoding,
    /// The bytes of each character that is not ASCII and has no more than three.
    bytes: LazyLock<HashMap<char, Vec<u8>>>,
}

pub(super) static BIG5: Several = Several::new(encoding_rs::BIG5, || table(encoding_rs::BIG5));
pub(super) static EUC_KR: Several = Several::new(encoding_rs::EUC_KR, || table(encoding_rs::EUC_KR));
pub(super) static EUC_JP: Several = Several::new(encoding_rs::EUC_JP, || table(encoding_rs::EUC_JP));
pub(super) static GB18030: Several = Several::new(encoding_rs::GB18030, || table(encoding_rs::GB18030));
pub(super) static GBK: Several = Several::new(encoding_rs::GBK, || table(encoding_rs::GBK));
pub(super) static SHIFT_JIS: Several = Several::new(encoding_rs::SHIFT_JIS, || table(encoding_rs::SHIFT_JIS));

impl Several {
    const fn new(encoding: &'static Encoding, table: fn() -> HashMap<char, Vec<u8>>) -> Self {
        Self { encoding, bytes: LazyLock::new(table) }
    }

    /// Appends the bytes of a character, if it has some.
    pub(super) fn encode(&self, c: char, out: &mut Vec<u8>) -> Option<()> {
        if c.is_ascii() {
            out.extend(c.encode_utf8(&mut [0; 4]).as_bytes());
        } else if let Some(bytes) = self.bytes.get(&c) {
            out.extend(bytes);
        } else if self.encoding == encoding_rs::GB18030 && !is_private(c) {
            out.extend(&*self.encoding.encode(c.encode_utf8(&mut [0; 4])).0);
        } else {
            return None;
        }
        Some(())
    }

    pub(super) fn decode(&self, bytes: &[u8]) -> Option<String> {
        text(self.encoding, bytes).filter(|text| !text.chars().any(is_private))
    }
}

pub(super) fn text(encoding: &'static Encoding, bytes: &[u8]) -> Option<String> {
    encoding.decode_without_bom_handling_and_without_replacement(bytes).map(Into::into)
}

/// Reads every sequence of up to three bytes that stands for one character. Of several for the same, the first
/// counts, in Big5 the last. The one byte of GBK for the euro sign is not one of GB 18030.
fn table(encoding: &'static Encoding) -> HashMap<char, Vec<u8>> {
    let high = 0x80..=0xff_u8;
    let one = high.clone().filter(|_| encoding != encoding_rs::GB18030).map(|byte| vec![byte]);
    let two = high.clone().flat_map(|first| (0x21..=0xff).map(move |second| vec![first, second]));
    let three = high.clone().flat_map(|second| (0xa1..=0xff).map(move |third| vec![0x8f, second, third]));
    let mut table = HashMap::new();
    for bytes in one.chain(two).chain(three) {
        let text = text(encoding, &bytes).unwrap_or_default();
        let mut characters = text.chars();
        if let (Some(c), None) = (characters.next(), characters.next())
            && !c.is_ascii()
            && !is_private(c)
        {
            if encoding == encoding_rs::BIG5 {
                table.insert(c, bytes);
            } else {
                table.entry(c).or_insert(bytes);
            }
        }
    }
    table
}

fn is_private(c: char) -> bool {
    matches!(c, '\u{e000}'..='\u{f8ff}')
}
