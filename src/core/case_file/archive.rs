//! The archive of a case file: a zip whose parts are stored as they are, one behind the other, so
//! that it can be written from parts of any size without holding one of them, and opened anywhere.
//!
//! Reading is stricter than the format: parts lie without gaps from the first byte to the directory,
//! nothing is compressed, encrypted or split, and nothing follows the directory. So no part can hide
//! in another, and no small file can become a large one. Sizes are those of the format without its
//! extension for more than 4 GiB ([`LARGEST`]).

use super::Broken;

/// The largest archive, in bytes.
pub const LARGEST: u64 = 0xFFFF_0000;
/// Bytes of the record at the very end.
pub const END: u64 = 22;

const LOCAL: u32 = 0x0403_4B50;
const CENTRAL: u32 = 0x0201_4B50;
const LAST: u32 = 0x0605_4B50;
/// Names are UTF-8.
const FLAGS: u16 = 0x0800;
/// The first day that the format can name; when a part was made says the manifest.
const DATE: u16 = 0x0021;
const LOCAL_SIZE: u64 = 30;
const CENTRAL_SIZE: usize = 46;

/// A part to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its path.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// The check sum of [`Crc`].
    pub crc: u32,
}

/// A part that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its path.
    pub path: String,
    /// Where its bytes begin.
    pub from: u64,
    /// Bytes.
    pub size: u64,
    /// The check sum that the directory has for it.
    pub crc: u32,
}

/// What stands between the parts of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What stands before each part.
    pub heads: Vec<Vec<u8>>,
    /// What stands behind the last.
    pub tail: Vec<u8>,
}

/// Lays parts out; nothing if they are more than an archive can hold.
pub fn frame(entries: &[Entry]) -> Option<Frame> {
    let mut heads = Vec::new();
    let mut tail = Vec::new();
    let mut at: u64 = 0;
    for entry in entries {
        let head = local(entry)?;
        central(&mut tail, entry, u32::try_from(at).ok()?)?;
        at += head.len() as u64 + entry.size;
        heads.push(head);
    }
    let directory = u32::try_from(tail.len()).ok()?;
    let count = u16::try_from(entries.len()).ok()?;
    let start = u32::try_from(at).ok()?;
    tail.extend(end(count, directory, start));
    (at + tail.len() as u64 <= LARGEST).then_some(Frame { heads, tail })
}

fn local(entry: &Entry) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    put32(&mut head, LOCAL);
    common(&mut head, entry)?;
    head.extend(entry.path.as_bytes());
    Some(head)
}

fn central(to: &mut Vec<u8>, entry: &Entry, at: u32) -> Option<()> {
    put32(to, CENTRAL);
    put16(to, 20);
    common(to, entry)?;
    // No comment, one volume, no attributes.
    put16(to, 0);
    put16(to, 0);
    put16(to, 0);
    put32(to, 0);
    put32(to, at);
    to.extend(entry.path.as_bytes());
    Some(())
}

/// What both heads of a part say of it, up to the length of what is extra.
fn common(to: &mut Vec<u8>, entry: &Entry) -> Option<()> {
    let size = u32::try_from(entry.size).ok()?;
    put16(to, 20);
    put16(to, FLAGS);
    put16(to, 0);
    put16(to, 0);
    put16(to, DATE);
    put32(to, entry.crc);
    put32(to, size);
    put32(to, size);
    put16(to, u16::try_from(entry.path.len()).ok()?);
    put16(to, 0);
    Some(())
}

fn put16(to: &mut Vec<u8>, value: u16) {
    to.extend(value.to_le_bytes());
}

fn put32(to: &mut Vec<u8>, value: u32) {
    to.extend(value.to_le_bytes());
}

fn get16(from: &[u8], at: usize) -> Option<u16> {
    let bytes = from.get(at..at + 2)?;
    Some(u16::from_le_bytes(bytes.try_into().ok()?))
}

fn get32(from: &[u8], at: usize) -> Option<u32> {
    let bytes = from.get(at..at + 4)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

/// Where an archive's directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Directory {
    /// Its first byte.
    pub start: u64,
    /// The byte behind its last.
    pub end: u64,
    /// How many parts it lists.
    pub count: u16,
}

/// Where the directory is: read from the last [`END`] bytes of an archive of a size.
pub fn directory_at(size: u64, last: &[u8]) -> Result<Directory, Broken> {
    let broken = |why| Err(Broken::new("archive", why));
    if size > LARGEST {
        return broken("too_large");
    }
    let found = get16(last, 10).and_then(|count| {
        let (length, start) = (get32(last, 12)?, get32(last, 16)?);
        let is_ours = last == end(count, length, start);
        let start = u64::from(start);
        let end = start + u64::from(length);
        is_ours.then_some(Directory { start, end, count })
    });
    match found {
        Some(directory) if directory.end + END == size => Ok(directory),
        _ => broken("cut_off"),
    }
}

fn end(count: u16, length: u32, start: u32) -> Vec<u8> {
    let mut last = Vec::new();
    put32(&mut last, LAST);
    put32(&mut last, 0);
    put16(&mut last, count);
    put16(&mut last, count);
    put32(&mut last, length);
    put32(&mut last, start);
    put16(&mut last, 0);
    last
}

/// The parts that a directory lists, read from its bytes.
pub fn parts(directory: &[u8], place: Directory) -> Result<Vec<Found>, Broken> {
    let mut all: Vec<Found> = Vec::new();
    let (mut at, mut next) = (0, 0);
    while at < directory.len() {
        let number = format!("archive/{}", all.len());
        let (found, offset, length) =
            one(directory, at).ok_or_else(|| Broken::new(number.clone(), "odd_part"))?;
        if offset != next {
            return Err(Broken::new(number, "odd_part"));
        }
        let known = all.iter().any(|one| one.path == found.path);
        if known {
            return Err(Broken::new(found.path, "twice"));
        }
        next = found.from + found.size;
        at += length;
        all.push(found);
    }
    match next == place.start && all.len() == usize::from(place.count) {
        true => Ok(all),
        false => Err(Broken::new("archive", "odd_part")),
    }
}

fn one(directory: &[u8], at: usize) -> Option<(Found, u64, usize)> {
    let entry = directory.get(at..)?;
    let size = get32(entry, 24)?;
    let name = usize::from(get16(entry, 28)?);
    let path = entry.get(CENTRAL_SIZE..CENTRAL_SIZE + name)?;
    let path = String::from_utf8(path.to_vec()).ok()?;
    let offset = u64::from(get32(entry, 42)?);
    let found = Found {
        from: offset + LOCAL_SIZE + name as u64,
        size: u64::from(size),
        crc: get32(entry, 16)?,
        path,
    };
    // It must be exactly what would be written for it: stored, whole, without anything extra.
    let mut wanted = Vec::new();
    central(&mut wanted, &found.entry(), get32(entry, 42)?)?;
    let is_plain = entry.get(..wanted.len())? == wanted;
    is_plain.then_some((found, offset, wanted.len()))
}

impl Found {
    fn entry(&self) -> Entry {
        Entry {
            path: self.path.clone(),
            size: self.size,
            crc: self.crc,
        }
    }

    /// What must stand right before its bytes.
    pub fn head(&self) -> Vec<u8> {
        local(&self.entry()).unwrap_or_default()
    }
}

/// The check sum of the format, over bytes as they come.
#[derive(Clone, Debug)]
pub struct Crc(u32);

impl Default for Crc {
    fn default() -> Crc {
        Crc(u32::MAX)
    }
}

impl Crc {
    /// Takes bytes.
    pub fn add(&mut self, bytes: &[u8]) {
        const TABLE: [u32; 256] = table();
        for byte in bytes {
            self.0 = TABLE[usize::from((self.0 as u8) ^ byte)] ^ (self.0 >> 8);
        }
    }

    /// The sum of all that came.
    pub fn sum(&self) -> u32 {
        !self.0
    }
}

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let mut value = index as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 {
                0xEDB8_8320 ^ (value >> 1)
            } else {
                value >> 1
            };
            bit += 1;
        }
        table[index] = value;
        index += 1;
    }
    table
}
