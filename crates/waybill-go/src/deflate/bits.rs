//! Blocks of DEFLATE as bits: of the three ways to code one, the shortest.

use super::{
    Token,
    huffman::{Code, codes, fixed_distances, fixed_literals},
};

/// Ends a block.
const END: usize = 256;
const LITERALS: usize = 286;
const DISTANCES: usize = 30;
/// Codes of lengths of codes: a repetition of the last, and two of zeros.
const REPEAT: u8 = 16;
const SHORT_ZEROS: u8 = 17;
const LONG_ZEROS: u8 = 18;
/// The order in which the lengths of the codes of lengths are written.
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const MAX_STORED: usize = 65_535;

#[derive(Default)]
pub(super) struct Writer {
    out: Vec<u8>,
    bits: u64,
    count: u32,
}

/// How often each code occurs in a block.
struct Frequencies {
    literals: Vec<u32>,
    distances: Vec<u32>,
    extra_bits: usize,
}

/// The codes of a block of its own, and how they are written.
struct Dynamic {
    literals: Vec<Code>,
    distances: Vec<Code>,
    /// Lengths of codes, with the number of times for those that repeat.
    lengths: Vec<(u8, u8)>,
    length_codes: Vec<Code>,
    /// How many lengths of codes of lengths are written.
    orders: usize,
    header_bits: usize,
}

impl Writer {
    pub(super) fn into_bytes(mut self) -> Vec<u8> {
        self.align();
        self.out
    }

    fn push(&mut self, bits: usize, count: u32) {
        self.bits |= (bits as u64) << self.count;
        self.count += count;
        while 8 <= self.count {
            self.out.push(self.bits.to_le_bytes()[0]);
            self.bits >>= 8;
            self.count -= 8;
        }
    }

    fn code(&mut self, code: Code) {
        self.push(code.bits.into(), code.length.into());
    }

    fn align(&mut self) {
        if 0 < self.count {
            self.push(0, 8 - self.count);
        }
    }

    pub(super) fn stored(&mut self, bytes: &[u8], is_last: bool) {
        self.push(is_last.into(), 3);
        self.align();
        self.push(bytes.len(), 16);
        self.push(!bytes.len() & 0xffff, 16);
        self.out.extend(bytes);
    }

    /// A block that is not the last, for tokens that stand for these bytes, which are only asked for where storing
    /// them is an alternative.
    pub(super) fn block(&mut self, tokens: &[Token], bytes: Option<&[u8]>) {
        let frequencies = Frequencies::of(tokens);
        let dynamic = Dynamic::of(&frequencies);
        let fixed = (fixed_literals(), fixed_distances());
        let fixed_size = 3 + frequencies.size(&fixed.0, &fixed.1);
        let dynamic_size = dynamic.header_bits + frequencies.size(&dynamic.literals, &dynamic.distances);
        let size = fixed_size.min(dynamic_size);
        if let Some(bytes) = bytes.filter(|bytes| bytes.len() <= MAX_STORED && (bytes.len() + 5) * 8 < size) {
            return self.stored(bytes, false);
        }
        if dynamic_size < fixed_size {
            self.dynamic_header(&dynamic);
            self.tokens(tokens, &dynamic.literals, &dynamic.distances);
        } else {
            self.push(0b010, 3);
            self.tokens(tokens, &fixed.0, &fixed.1);
        }
    }

    fn dynamic_header(&mut self, dynamic: &Dynamic) {
        self.push(0b100, 3);
        self.push(dynamic.literals.len() - 257, 5);
        self.push(dynamic.distances.len() - 1, 5);
        self.push(dynamic.orders - 4, 4);
        for &code in &ORDER[..dynamic.orders] {
            self.push(dynamic.length_codes[code].length.into(), 3);
        }
        for &(length, more) in &dynamic.lengths {
            self.code(dynamic.length_codes[usize::from(length)]);
            self.push(more.into(), repetition_bits(length));
        }
    }

    fn tokens(&mut self, tokens: &[Token], literals: &[Code], distances: &[Code]) {
        for token in tokens {
            match *token {
                Token::Literal(byte) => self.code(literals[usize::from(byte)]),
                Token::Match { length, distance } => {
                    let (code, extra, count) = length_code(length);
                    self.code(literals[code]);
                    self.push(extra, count);
                    let (code, extra, count) = distance_code(distance);
                    self.code(distances[code]);
                    self.push(extra, count);
                }
            }
        }
        self.code(literals[END]);
    }
}

impl Frequencies {
    fn of(tokens: &[Token]) -> Self {
        let mut literals = vec![0; LITERALS];
        let mut distances = vec![0; DISTANCES];
        let mut extra_bits = 0;
        literals[END] = 1;
        for token in tokens {
            match *token {
                Token::Literal(byte) => literals[usize::from(byte)] += 1,
                Token::Match { length, distance } => {
                    let (length, _, length_bits) = length_code(length);
                    let (distance, _, distance_bits) = distance_code(distance);
                    literals[length] += 1;
                    distances[distance] += 1;
                    extra_bits += (length_bits + distance_bits) as usize;
                }
            }
        }
        let used = |counts: &[u32]| counts.iter().rposition(|&count| count != 0).map_or(0, |last| last + 1);
        literals.truncate(used(&literals));
        distances.truncate(used(&distances));
        if distances.is_empty() {
            // a block of its own codes must have one for distances
            distances.push(1);
        }
        Self { literals, distances, extra_bits }
    }

    fn size(&self, literals: &[Code], distances: &[Code]) -> usize {
        bits(&self.literals, literals) + bits(&self.distances, distances) + self.extra_bits
    }
}

fn bits(counts: &[u32], codes: &[Code]) -> usize {
    counts.iter().zip(codes).map(|(&count, code)| count as usize * usize::from(code.length)).sum()
}

impl Dynamic {
    fn of(frequencies: &Frequencies) -> Self {
        let literals = codes(&frequencies.literals, 15);
        let distances = codes(&frequencies.distances, 15);
        let all: Vec<u8> = literals.iter().chain(&distances).map(|code| code.length).collect();
        let lengths = runs(&all);
        let mut counts = vec![0; ORDER.len()];
        for &(length, _) in &lengths {
            counts[usize::from(length)] += 1;
        }
        let length_codes = codes(&counts, 7);
        let orders = ORDER.iter().rposition(|&code| counts[code] != 0).map_or(0, |last| last + 1).max(4);
        let repetitions: usize = lengths.iter().map(|&(length, _)| repetition_bits(length) as usize).sum();
        let header_bits = 3 + 5 + 5 + 4 + 3 * orders + bits(&counts, &length_codes) + repetitions;
        Self { literals, distances, lengths, length_codes, orders, header_bits }
    }
}

/// Lengths of codes with runs of the same put into one.
fn runs(lengths: &[u8]) -> Vec<(u8, u8)> {
    let mut runs = Vec::new();
    let less = |count: usize, base: usize| u8::try_from(count - base).unwrap_or(u8::MAX);
    for run in lengths.chunk_by(|one, other| one == other) {
        let (length, mut count) = (run[0], run.len());
        if length == 0 {
            while 11 <= count {
                let n = count.min(138);
                runs.push((LONG_ZEROS, less(n, 11)));
                count -= n;
            }
            if 3 <= count {
                runs.push((SHORT_ZEROS, less(count, 3)));
                count = 0;
            }
        } else {
            runs.push((length, 0));
            count -= 1;
            while 3 <= count {
                let n = count.min(6);
                runs.push((REPEAT, less(n, 3)));
                count -= n;
            }
        }
        runs.extend(std::iter::repeat_n((length, 0), count));
    }
    runs
}

fn repetition_bits(length: u8) -> u32 {
    match length {
        REPEAT => 2,
        SHORT_ZEROS => 3,
        LONG_ZEROS => 7,
        _ => 0,
    }
}

/// The code of a length, what is more than the least of that code, and in how many bits that is written.
fn length_code(length: usize) -> (usize, usize, u32) {
    match length - 3 {
        255 => (285, 0, 0),
        more @ 0..8 => (257 + more, 0, 0),
        more => {
            // four codes for each power of two
            let bits = more.ilog2() - 2;
            (257 + 4 * bits as usize + (more >> bits), more & ((1 << bits) - 1), bits)
        }
    }
}

fn distance_code(distance: usize) -> (usize, usize, u32) {
    match distance - 1 {
        more @ 0..4 => (more, 0, 0),
        more => {
            // two codes for each power of two
            let bits = more.ilog2() - 1;
            (2 * bits as usize + (more >> bits), more & ((1 << bits) - 1), bits)
        }
    }
}
