//! A file read line by line, however large it is: no more of it is in memory than a step and a line.

use web_sys::File;

use super::{STEP, bytes};
use crate::core::error::Error;

/// The lines of a file that are still to be read.
pub struct Lines {
    file: File,
    at: u64,
    size: u64,
    /// What was read and not yet given out, the rest of it from here on.
    read: Vec<u8>,
    from: usize,
}

impl Lines {
    /// All lines of a file.
    pub fn of(file: &File) -> Lines {
        Lines {
            file: file.clone(),
            at: 0,
            size: file.size() as u64,
            read: Vec::new(),
            from: 0,
        }
    }

    /// The next line without its end; none after the last one. Bytes that are no text are replaced.
    pub async fn next(&mut self) -> Result<Option<String>, Error> {
        let mut searched = self.from;
        loop {
            let found = self.read[searched..].iter().position(|byte| *byte == b'\n');
            if let Some(place) = found {
                let end = searched + place;
                let line = String::from_utf8_lossy(&self.read[self.from..end]).into_owned();
                self.from = end + 1;
                return Ok(Some(line));
            }
            self.read.drain(..self.from);
            self.from = 0;
            searched = self.read.len();
            if self.at >= self.size {
                let rest = std::mem::take(&mut self.read);
                let line = String::from_utf8_lossy(&rest).into_owned();
                return Ok((!rest.is_empty()).then_some(line));
            }
            let next = (self.at + STEP).min(self.size);
            let more = bytes(&self.file, self.at, next).await?;
            self.read.extend(more);
            self.at = next;
        }
    }
}
