//! A text that is seen a stretch at a time has the encoding, the characters and the places of the whole, in any encoding
//! and however broken.

use encoding_rs::Encoding;
use metricsheet_delimited::{Decoded, EncodingClues, Transcription, encoding_named};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

/// Bytes that are text in one of many encodings, or in none.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let words = vec![
        "External ID,Value\n",
        "Größe;1,5\r\n",
        "KPI-1",
        "日本",
        "Ελλάδα",
        "Привет",
        "\u{feff}",
        "\r",
        "\n",
        "€",
        "😀",
        "a",
        "\0",
    ];
    let text = prop::collection::vec(prop::sample::select(words), 0..20).prop_map(|words| words.concat());
    let encodings = vec![
        "utf-8",
        "windows-1252",
        "shift_jis",
        "gb18030",
        "big5",
        "euc-kr",
        "euc-jp",
        "koi8-r",
        "utf-16le",
        "utf-16be",
        "utf-32",
    ];
    let marks = prop::sample::select(vec![
        &b""[..],
        b"",
        b"",
        b"\xff\xfe",
        b"\xfe\xff",
        b"\xff\xfe\0\0",
        b"\0\0\xfe\xff",
        b"\xef\xbb\xbf",
    ]);
    let broken = prop::option::of((any::<prop::sample::Index>(), any::<u8>()));
    (text, prop::sample::select(encodings), marks, broken).prop_map(|(text, encoding, mark, broken)| {
        let mut bytes = mark.to_vec();
        match (encoding, encoding_named(encoding)) {
            ("utf-16le", _) => bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes)),
            ("utf-16be", _) => bytes.extend(text.encode_utf16().flat_map(u16::to_be_bytes)),
            ("utf-32", _) => bytes.extend(text.chars().flat_map(|it| u32::from(it).to_le_bytes())),
            (_, Some(encoding)) => bytes.extend_from_slice(&encoding.encode(&text).0),
            (_, None) => bytes.extend_from_slice(text.as_bytes()),
        }
        if let Some((at, byte)) = broken
            && !bytes.is_empty()
        {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes
    })
}

fn declared() -> impl Strategy<Value = Option<&'static Encoding>> {
    let names =
        vec!["", "", "windows-1252", "shift_jis", "gb18030", "big5", "utf-16be", "utf-8", "iso-2022-jp"];
    prop::sample::select(names).prop_map(encoding_named)
}

/// Where the characters begin that end before these bytes of the text, told by every byte of the file.
fn byte_by_byte(bytes: &[u8], encoding: &'static Encoding, positions: &[usize]) -> Vec<usize> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut written = vec![0];
    for (at, byte) in bytes.iter().enumerate() {
        let (_, _, length, _) = decoder.decode_to_utf8(&[*byte], &mut [0; 16], at + 1 == bytes.len());
        written.push(written[at] + length);
    }
    positions
        .iter()
        .map(|position| written.partition_point(|written| written < position).min(bytes.len()))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct("tests/encodings.proptest-regressions"))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn stretches_tell_the_encoding_of_the_whole(bytes in bytes(), declared in declared(), length in 1..50_usize) {
        let mut clues = EncodingClues::default();
        bytes.chunks(length).for_each(|stretch| clues.feed(stretch));
        prop_assert_eq!(clues.tell(declared), Decoded::read(&bytes, declared).encoding);
    }

    #[test]
    fn utf_16_is_what_its_units_say(
        units in prop::collection::vec(prop_oneof![0..0x80_u16, 0xd700..0xe100_u16, Just(0xfffd), any::<u16>()], 0..40), has_half in any::<bool>(),
    ) {
        // Half a pair and half a unit at the end are one thing that stands for nothing.
        let has_half = has_half && !units.last().is_some_and(|last| (0xd800..0xdc00).contains(last));
        let mut bytes: Vec<u8> = [0xfeff, u16::from(b'a')].iter().chain(&units).flat_map(|unit| unit.to_le_bytes()).collect();
        bytes.extend(has_half.then_some(b'x'));
        let units = std::iter::once(u16::from(b'a')).chain(units).chain(has_half.then_some(0xfffd));
        let expected: String = char::decode_utf16(units).map(|unit| unit.unwrap_or('\u{fffd}')).collect();
        let decoded = Decoded::read(&bytes, None);
        prop_assert_eq!(decoded.text.as_ref(), &expected);
        prop_assert_eq!(decoded.has_broken_bytes, expected.contains('\u{fffd}'));
    }

    #[test]
    fn parts_have_the_characters_and_the_places_of_the_whole(bytes in bytes(), declared in declared(), length in 1..80_usize) {
        let decoded = Decoded::read(&bytes, declared);
        let Some(mut transcription) = Transcription::begin(decoded.encoding) else { return Ok(()) };
        let mut seen = length;
        while transcription.file_length() < bytes.len() {
            let start = transcription.file_length();
            let end = bytes.len().min(start + seen);
            let taken = transcription.take(&bytes[start..end], end == bytes.len());
            seen = if taken == 0 { seen * 2 } else { length };
        }
        prop_assert_eq!(transcription.text_length(), decoded.text.len());
        if decoded.encoding.told.is_some() {
            prop_assert_eq!(transcription.has_broken_bytes(), decoded.has_broken_bytes);
        }
        let mut text = String::new();
        while text.len() < decoded.text.len() {
            let part = transcription.part_at(text.len());
            let in_text = transcription.in_text(part);
            prop_assert_eq!(in_text.start, text.len());
            let of_part = &bytes[transcription.in_file(part)];
            text.push_str(&transcription.decode(of_part));
            prop_assert_eq!(in_text.end, text.len());
            let mut places: Vec<usize> = in_text.clone().filter(|at| text.is_char_boundary(*at)).collect();
            let mut of_whole = places.clone();
            transcription.to_file(part, of_part, &mut places);
            decoded.to_file(&bytes, &mut of_whole);
            prop_assert_eq!(&places, &of_whole);
            let name = decoded.encoding.name();
            if !name.starts_with("UTF-")
                && let Some(encoding) = encoding_named(name)
            {
                let positions: Vec<usize> = in_text.clone().filter(|at| text.is_char_boundary(*at)).collect();
                prop_assert_eq!(places, byte_by_byte(&bytes, encoding, &positions));
            }
        }
        prop_assert_eq!(text.as_str(), decoded.text.as_ref());
    }
}
