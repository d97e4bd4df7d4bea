//! Compression: what Go makes of the same text, to the byte, and that it can be read.

use std::io::Read as _;

use flate2::read::DeflateDecoder;
use proptest::prelude::*;
use waybill_go::deflate::compress;

/// Text of so many bytes in so many letters, that repeats after a period if it has one.
fn text(size: usize, letters: u32, period: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut text: Vec<u8> = Vec::with_capacity(size);
    while text.len() < size {
        if 0 < period && period <= text.len() {
            text.push(text[text.len() - period]);
            continue;
        }
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        text.push(b' ' + u8::try_from((state >> 16) % letters).expect("few letters"));
    }
    text
}

fn decompress(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    DeflateDecoder::new(bytes).read_to_end(&mut text).expect("a stream of DEFLATE");
    text
}

#[test]
fn the_bytes_are_those_of_go() {
    for (size, letters, period, length, sum) in [
        (0, 1, 0, 10, 0x163e_b2c5),
        (1, 1, 0, 12, 0x5e21_d84f),
        (3, 5, 0, 14, 0xa7fb_d82d),
        (4, 1, 0, 15, 0x1682_2a17),
        (5, 95, 0, 16, 0x8d22_3c3e),
        (100, 2, 0, 45, 0x8f53_2517),
        (100, 95, 0, 111, 0x053e_a9da),
        (1000, 4, 0, 351, 0x74d8_587a),
        (1000, 95, 0, 857, 0xbbce_4c37),
        (5000, 16, 300, 215, 0xafbc_9d77),
        (20000, 95, 0, 16633, 0x73de_503b),
        (40000, 95, 33000, 33255, 0xc27e_7522),
        (60000, 64, 0, 45200, 0x00b7_786c),
        (65_274, 3, 0, 15698, 0x1c3e_c50a),
        (65536, 95, 0, 54468, 0x30bd_53e4),
        (65537, 2, 0, 10413, 0x7657_d1d2),
        (70000, 95, 32768, 27802, 0x5cf3_0061),
        (70000, 95, 32769, 58191, 0x3224_ccbe),
        (100_000, 16, 0, 52471, 0xe581_159e),
        (130_000, 1, 0, 152, 0x278b_938d),
        (200_000, 7, 0, 80325, 0xd574_a4f4),
        (200_000, 95, 40000, 166_215, 0x3210_78e5),
        (300_000, 3, 5000, 3392, 0xd40a_a9e6),
    ] {
        let text = text(size, letters, period);
        let compressed = compress(&text);
        assert_eq!(
            (compressed.len(), crc32fast::hash(&compressed)),
            (length, sum),
            "{size} bytes, {letters} letters, period {period}"
        );
        assert!(decompress(&compressed) == text, "{size} bytes cannot be read");
    }
}

proptest! {
    #[test]
    fn what_was_compressed_can_be_read(parts in prop::collection::vec((any::<u8>(), 1..400_usize), 0..60)) {
        let text: Vec<u8> = parts.iter().flat_map(|&(byte, count)| std::iter::repeat_n(byte, count)).collect();
        prop_assert_eq!(decompress(&compress(&text)), text);
    }
}
