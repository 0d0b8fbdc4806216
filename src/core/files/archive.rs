//! What is in an archive, read from its directory alone: nothing is unpacked, sizes are what the
//! archive says of itself, and whatever it says, reading ends.

use super::shown_name;

/// The most entries that are listed.
pub const MOST_ENTRIES: usize = 200;
/// The largest directory of a zip archive that is read, in bytes.
const LARGEST_DIRECTORY: u64 = 4 << 20;

/// A file in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name with its path, readable.
    pub name: String,
    /// Its bytes once unpacked, as the archive says.
    pub size: u64,
}

/// What is in an archive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The first of its files.
    pub entries: Vec<Entry>,
    /// How many there are in all, as far as the archive says; at least those listed.
    pub total: u64,
}

/// Where the directory of a zip archive is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zip {
    /// Its first byte in the file.
    pub from: u64,
    /// The byte behind its last.
    pub to: u64,
    /// How many entries it says it has.
    pub total: u64,
}

fn number(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(width)?)?;
    let add = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
    Some(bytes.iter().rev().fold(0, add))
}

/// Finds the directory of a zip archive of `size` bytes from its last ones (64 KiB and a bit hold
/// it, whatever the comment); nothing if it is none, or its directory is out of all proportion.
pub fn zip_directory(tail: &[u8], size: u64) -> Option<Zip> {
    const END: &[u8] = b"PK\x05\x06";
    let at = tail.windows(4).rposition(|four| four == END)?;
    let mut total = number(tail, at + 10, 2)?;
    let mut length = number(tail, at + 12, 4)?;
    let mut from = number(tail, at + 16, 4)?;
    if total == 0xffff || length == 0xffff_ffff || from == 0xffff_ffff {
        // The archive is larger than the old fields hold; the new ones stand right before.
        let record = tail[..at]
            .windows(4)
            .rposition(|four| four == b"PK\x06\x06")?;
        total = number(tail, record + 32, 8)?;
        length = number(tail, record + 40, 8)?;
        from = number(tail, record + 48, 8)?;
    }
    let to = from.checked_add(length)?;
    (to <= size && length <= LARGEST_DIRECTORY).then_some(Zip { from, to, total })
}

/// The entries of a zip archive's directory, as far as it can be read.
pub fn zip_entries(directory: &[u8], total: u64) -> Listing {
    let mut listing = Listing::default();
    let mut rest = directory;
    while listing.entries.len() < MOST_ENTRIES {
        let Some((entry, length)) = zip_entry(rest) else {
            break;
        };
        rest = rest.get(length..).unwrap_or_default();
        // Folders are entries too, and say nothing that their files don't.
        if !entry.name.ends_with('/') {
            listing.entries.push(entry);
        }
    }
    // What an archive claims to hold takes at least 46 bytes each to be said.
    let most = (directory.len() / 46) as u64;
    listing.total = match rest.is_empty() {
        true => listing.entries.len() as u64,
        false => total.min(most).max(listing.entries.len() as u64),
    };
    listing
}

fn zip_entry(bytes: &[u8]) -> Option<(Entry, usize)> {
    if !bytes.starts_with(b"PK\x01\x02") {
        return None;
    }
    let width = |at| number(bytes, at, 2).map(|width| width as usize);
    let (name, extra, comment) = (width(28)?, width(30)?, width(32)?);
    let text = bytes.get(46..46 + name)?;
    let entry = Entry {
        name: shown_name(&String::from_utf8_lossy(text)),
        size: number(bytes, 24, 4)?,
    };
    Some((entry, 46 + name + extra + comment))
}

/// What a block of 512 bytes of a tar archive turns out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tar {
    /// A file.
    File(Entry),
    /// Something else: a folder, a link, a longer name. Its size is what it takes in the archive.
    Other(u64),
    /// The end, or no tar archive.
    End,
}

impl Tar {
    /// How many bytes to go on, from the beginning of this block to that of the next header.
    pub fn step(&self) -> u64 {
        let size = match self {
            Tar::File(entry) => entry.size,
            Tar::Other(size) => *size,
            Tar::End => 0,
        };
        // Content is filled up to whole blocks.
        size.div_ceil(512).saturating_add(1).saturating_mul(512)
    }
}

/// Reads a header of a tar archive.
pub fn tar(block: &[u8]) -> Tar {
    read_tar(block).unwrap_or(Tar::End)
}

fn read_tar(block: &[u8]) -> Option<Tar> {
    let block = block.get(..512)?;
    let said = octal(&block[148..156])?;
    let sum = block.iter().enumerate().map(|(at, byte)| match at {
        // The sum is made as if it were not there yet.
        148..156 => 32,
        _ => u64::from(*byte),
    });
    if sum.sum::<u64>() != said {
        return None;
    }
    let size = size_of(&block[124..136])?;
    if !matches!(block[156], b'0' | 0 | b'7') {
        return Some(Tar::Other(size));
    }
    let mut name = text(&block[..100]);
    if &block[257..262] == b"ustar" && block[345] != 0 {
        name = format!("{}/{name}", text(&block[345..500]));
    }
    Some(Tar::File(Entry {
        name: shown_name(&name),
        size,
    }))
}

fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0);
    String::from_utf8_lossy(&bytes[..end.unwrap_or(bytes.len())]).into_owned()
}

fn octal(bytes: &[u8]) -> Option<u64> {
    let text = text(bytes);
    u64::from_str_radix(text.trim(), 8).ok()
}

/// Octal digits, or for what these can't say a big-endian number behind a mark.
fn size_of(bytes: &[u8]) -> Option<u64> {
    if bytes[0] != 0x80 {
        return octal(bytes);
    }
    let (high, low) = bytes[1..].split_at(3);
    if high.iter().any(|byte| *byte != 0) {
        return None;
    }
    low.iter().try_fold(0_u64, |sum, byte| {
        sum.checked_mul(256)?.checked_add(u64::from(*byte))
    })
}
