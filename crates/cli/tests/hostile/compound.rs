//! xls: sectors that lead in circles, texts without bytes, sheets in the same place.

use crate::{Case, Fate, hold};

const END: u32 = 0xFFFF_FFFE;
const NONE: u32 = 0xFFFF_FFFF;

/// A compound file: the header, then sectors of 512 bytes. `table` is the table of successors, in as many sectors
/// from the first one on; `start` is where the directory begins.
fn compound(table: &[u32], directory: u32, mini_table: u32, rest: &[u8]) -> Vec<u8> {
    let mut header = vec![0_u8; 512];
    let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    put(26, &3_u16.to_le_bytes());
    put(28, &0xFFFE_u16.to_le_bytes());
    put(30, &9_u16.to_le_bytes());
    put(32, &6_u16.to_le_bytes());
    let sectors = table.len().div_ceil(128);
    put(44, &u32::try_from(sectors).unwrap().to_le_bytes());
    put(48, &directory.to_le_bytes());
    put(56, &4096_u32.to_le_bytes());
    put(60, &mini_table.to_le_bytes());
    put(68, &END.to_le_bytes());
    for index in 0..109 {
        let number = if index < sectors { u32::try_from(index).unwrap() } else { NONE };
        put(76 + 4 * index, &number.to_le_bytes());
    }
    let mut file = header;
    for entry in table.iter().copied().chain(std::iter::repeat(NONE)).take(sectors * 128) {
        file.extend(entry.to_le_bytes());
    }
    file.extend(rest);
    file
}

/// An entry of the directory.
fn entry(name: &str, kind: u8, child: u32, start: u32, size: u32) -> Vec<u8> {
    let mut entry = vec![0_u8; 128];
    let units: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
    entry[..units.len()].copy_from_slice(&units);
    entry[64..66].copy_from_slice(&u16::try_from(units.len()).unwrap().to_le_bytes());
    entry[66] = kind;
    for (at, value) in [(68, NONE), (72, NONE), (76, child), (116, start), (120, size)] {
        entry[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }
    entry
}

fn directory(start: u32, size: u32) -> Vec<u8> {
    [entry("Root Entry", 5, 1, END, 0), entry("Workbook", 2, NONE, start, size), vec![0; 256]].concat()
}

fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap();
    [&kind.to_le_bytes()[..], &length.to_le_bytes(), data].concat()
}

/// Records without a container, which Excel wrote too.
fn records(parts: &[Vec<u8>]) -> Vec<u8> {
    let begin = record(0x0809, &[0, 6, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    [vec![begin], parts.to_vec()].concat().concat()
}

#[test]
fn chains_of_sectors_that_loop() {
    // Sector 0 is the table, sector 1 the directory, sector 2 the workbook, which leads to itself.
    let stream_loops = compound(&[NONE, END, 2], 1, END, &[directory(2, 1 << 30), vec![0; 512]].concat());
    let directory_loops = compound(&[NONE, 1], 1, END, &directory(2, 1 << 30));
    let mini_loops = compound(&[NONE, END, 2], 1, 2, &[directory(0, 100), vec![0; 512]].concat());
    // A long table makes a long loop: a million steps of 512 bytes.
    let mut long = vec![NONE; 109 * 128];
    long[110] = END;
    long[109] = 109;
    let long_loops = compound(&long, 110, END, &[vec![0; 512], directory(109, 1 << 30)].concat());
    hold(
        "xls",
        vec![
            Case::new("the workbook", stream_loops, Fate::Refused("a chain of sectors loops")),
            Case::new("the directory", directory_loops, Fate::Refused("a chain of sectors loops")),
            Case::new("the small sectors", mini_loops, Fate::Refused("a chain of sectors loops")),
            Case::new("a long one", long_loops, Fate::Refused("a chain of sectors loops")),
        ],
    );
}

#[test]
fn records_that_claim_more_than_they_are() {
    let texts: Vec<u8> = [vec![0xFF; 8], vec![0; 8_000]].concat();
    let more = record(0x003C, &[0; 8_199]);
    let empty_texts = records(&[record(0x00FC, &texts), more.repeat(2_500)]);
    let sheet = |offset: u32| {
        let mut data = offset.to_le_bytes().to_vec();
        data.extend([0, 0, 1, 0, b'S']);
        record(0x0085, &data)
    };
    let too_many = records(&[sheet(0).repeat(50_000), record(0x000A, &[])]);
    let cut = records(&[record(0x00FC, &[1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 1])]);
    hold(
        "xls",
        vec![
            Case::new(
                "empty texts",
                empty_texts,
                Fate::Refused("the memory of the shared texts exceeds the limit of 192 MiB"),
            ),
            Case::new("sheets", too_many, Fate::Refused("the number of sheets exceeds the limit of 10000")),
            Case::new("a count of two billion texts", cut, Fate::Empty),
        ],
    );
}
