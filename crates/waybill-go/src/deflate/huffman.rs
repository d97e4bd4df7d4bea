//! Huffman codes of limited length, by the package-merge algorithm.

/// A code, its first bit lowest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Code {
    pub(super) bits: u16,
    pub(super) length: u8,
}

/// The best codes for symbols that occur so often, of no more than so many bits.
pub(super) fn codes(counts: &[u32], limit: usize) -> Vec<Code> {
    let mut used: Vec<(u32, usize)> = counts
        .iter()
        .enumerate()
        .filter(|&(_, &count)| count != 0)
        .map(|(symbol, &count)| (count, symbol))
        .collect();
    let mut lengths = vec![0; counts.len()];
    if used.len() <= 2 {
        for &(_, symbol) in &used {
            lengths[symbol] = 1;
        }
        return assign(&lengths);
    }
    used.sort_unstable();
    // which of the rarest symbols are taken in each level, a bit each
    for taken in levels(&used, limit.min(used.len() - 1)) {
        for &(_, symbol) in &used[..taken] {
            lengths[symbol] += 1;
        }
    }
    assign(&lengths)
}

/// How many of the rarest symbols get one more bit, for each level.
///
/// The items of a level are the symbols and the pairs of the level below, sorted by count, a pair before a symbol of
/// the same. Of the last level so many are taken that each symbol but one is joined, and of the one below what their
/// pairs are made of.
fn levels(used: &[(u32, usize)], count: usize) -> Vec<usize> {
    let mut levels: Vec<Vec<(u32, bool)>> = Vec::with_capacity(count);
    for _ in 0..count {
        let pairs: Vec<u32> = match levels.last() {
            Some(below) => below.chunks_exact(2).map(|pair| pair[0].0 + pair[1].0).collect(),
            None => Vec::new(),
        };
        let mut pairs = pairs.into_iter().peekable();
        let mut items = Vec::with_capacity(2 * used.len());
        for &(count, _) in used {
            while let Some(pair) = pairs.next_if(|&pair| pair <= count) {
                items.push((pair, true));
            }
            items.push((count, false));
        }
        items.extend(pairs.map(|pair| (pair, true)));
        levels.push(items);
    }
    let mut wanted = 2 * used.len() - 2;
    let taken = levels.iter().rev().map(|items| {
        let pairs = items[..wanted.min(items.len())].iter().filter(|(_, is_pair)| *is_pair).count();
        let symbols = wanted.min(items.len()) - pairs;
        wanted = 2 * pairs;
        symbols
    });
    taken.collect()
}

/// Codes in the order of their length, then of the symbols.
fn assign(lengths: &[u8]) -> Vec<Code> {
    let mut codes = vec![Code::default(); lengths.len()];
    let mut next = 0_u16;
    for length in 1..=lengths.iter().copied().max().unwrap_or(0) {
        next <<= 1;
        for (symbol, _) in lengths.iter().enumerate().filter(|&(_, &own)| own == length) {
            codes[symbol] = Code { bits: next.reverse_bits() >> (16 - length), length };
            next += 1;
        }
    }
    codes
}

/// The codes for literals and lengths that need not be written.
pub(super) fn fixed_literals() -> Vec<Code> {
    let lengths: Vec<u8> = (0..288)
        .map(|symbol| match symbol {
            144..=255 => 9,
            256..=279 => 7,
            _ => 8,
        })
        .collect();
    assign(&lengths)
}

/// The codes for distances that need not be written.
pub(super) fn fixed_distances() -> Vec<Code> {
    assign(&[5; 30])
}
