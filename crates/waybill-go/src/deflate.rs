//! Compression as Go's `compress/flate` does it by default, to the byte.
//!
//! DEFLATE leaves the compressor many choices. What Packer compresses ends up in user data and checksums, so that the
//! same text should become the same bytes: repeated strings are looked for in the same chains, as far, and a block is
//! coded in the same way.

mod bits;
mod huffman;

use self::bits::Writer;

/// A byte as it is, or a copy of what was there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Literal(u8),
    Match { length: usize, distance: usize },
}

const WINDOW: usize = 1 << 15;
const MIN_MATCH: usize = 4;
const MAX_MATCH: usize = 258;
/// How many tokens a block has at most.
const BLOCK: usize = 1 << 14;
const HASH_BITS: u32 = 17;
/// How many earlier places are looked at.
const CHAIN: usize = 128;
/// A match of this length is not searched on for a longer one.
const NICE: usize = 128;
/// Behind a match of this length, none is searched at the next byte.
const LAZY: usize = 16;
/// A match of the least length must not be further away.
const NEAR: usize = 4096;
const NOWHERE: u32 = u32::MAX;

/// The bytes as blocks of DEFLATE, flushed and ended: an empty stored block follows the last, and then the final one.
pub fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut writer = Writer::default();
    let mut search = Search::new(bytes);
    let mut tokens = Vec::new();
    let mut block_start = 0;
    let mut at = 0;
    // the match that was found at the byte before, which may give way to a longer one here
    let mut before = Found { length: MIN_MATCH - 1, distance: 0 };
    let mut has_byte_before = false;
    while at < bytes.len() {
        search.slide(at);
        let candidate = search.insert(at);
        let mut here = Found { length: MIN_MATCH - 1, distance: 0 };
        let ahead = bytes.len() - at;
        if before.length < ahead && before.length < LAZY {
            here = search.longest(at, candidate).unwrap_or(here);
        }
        if MIN_MATCH <= before.length && here.length <= before.length {
            tokens.push(Token::Match { length: before.length, distance: before.distance });
            let end = at + before.length - 1;
            for inside in at + 1..end {
                search.insert(inside);
            }
            at = end;
            has_byte_before = false;
            before.length = MIN_MATCH - 1;
            if tokens.len() == BLOCK {
                writer.block(&tokens, search.kept(block_start, at));
                tokens.clear();
                block_start = at;
            }
        } else {
            if has_byte_before {
                tokens.push(Token::Literal(bytes[at - 1]));
                if tokens.len() == BLOCK {
                    writer.block(&tokens, search.kept(block_start, at));
                    tokens.clear();
                    block_start = at;
                }
            }
            at += 1;
            has_byte_before = true;
            before = here;
        }
    }
    if has_byte_before {
        tokens.push(Token::Literal(bytes[at - 1]));
    }
    if !tokens.is_empty() {
        writer.block(&tokens, search.kept(block_start, at));
    }
    writer.stored(&[], false);
    writer.stored(&[], true);
    writer.into_bytes()
}

#[derive(Clone, Copy)]
struct Found {
    length: usize,
    distance: usize,
}

/// Earlier places of the same four bytes, or of some with the same hash.
struct Search<'a> {
    bytes: &'a [u8],
    /// Where what is kept begins: two windows, of which the first is dropped when the second is nearly done.
    start: usize,
    /// The last place of each hash.
    heads: Vec<u32>,
    /// The place before each place, by its position in the window.
    previous: Vec<u32>,
}

impl<'a> Search<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, start: 0, heads: vec![NOWHERE; 1 << HASH_BITS], previous: vec![NOWHERE; WINDOW] }
    }

    fn slide(&mut self, at: usize) {
        let end = self.start + 2 * WINDOW;
        if end < self.bytes.len() && end < at + MIN_MATCH + MAX_MATCH {
            self.start += WINDOW;
        }
    }

    /// The bytes from one place to another, if they are still kept.
    fn kept(&self, from: usize, to: usize) -> Option<&'a [u8]> {
        self.bytes.get(from..to).filter(|_| self.start <= from)
    }

    /// Remembers this place; the place before it that may have the same bytes.
    fn insert(&mut self, at: usize) -> u32 {
        let Some(four) = self.bytes[at..].first_chunk() else {
            return NOWHERE;
        };
        let hash = u32::from_be_bytes(*four).wrapping_mul(0x1e35_a7bd) >> (32 - HASH_BITS);
        let before = std::mem::replace(&mut self.heads[hash as usize], u32::try_from(at).unwrap_or(NOWHERE));
        self.previous[at % WINDOW] = before;
        before
    }

    /// The longest match at a place, of those that are as long the nearest.
    fn longest(&self, at: usize, candidate: u32) -> Option<Found> {
        let most = MAX_MATCH.min(self.bytes.len() - at);
        let nice = NICE.min(most);
        let mut found = None;
        let mut length = MIN_MATCH - 1;
        let first = at.saturating_sub(WINDOW).max(self.start);
        let mut place = candidate;
        for _ in 0..CHAIN {
            if place == NOWHERE || (place as usize) < first {
                break;
            }
            let distance = at - place as usize;
            let there = &self.bytes[place as usize..];
            if self.bytes[at + length] == there[length] {
                let same = there.iter().zip(&self.bytes[at..at + most]);
                let n = same.take_while(|(one, other)| one == other).count();
                if length < n && (MIN_MATCH < n || distance <= NEAR) {
                    length = n;
                    found = Some(Found { length, distance });
                    if nice <= n {
                        break;
                    }
                }
            }
            if place as usize == first {
                break;
            }
            place = self.previous[place as usize % WINDOW];
        }
        found
    }
}
