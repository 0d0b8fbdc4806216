//! How much of anything is accepted. The code that checks and the document that promises both
//! read it here.

/// Longest id, in characters.
pub(crate) const LONGEST_ID: usize = 128;
/// Longest code or nonce with which a sign-in is handed over.
pub(crate) const LONGEST_CODE: usize = 128;
/// Longest subject.
pub(crate) const SUBJECT: usize = 255;
/// Longest description.
pub(crate) const DESCRIPTION: usize = 200_000;
/// Longest value of any other field.
pub(crate) const OTHER: usize = 4_000;
/// Longest comment, in bytes of UTF-8: room for 4000 characters of any script.
pub(crate) const LONGEST_COMMENT: usize = 16_000;
/// Longest mail address that mail systems accept.
pub(crate) const LONGEST_EMAIL: usize = 254;
/// Longest password; hashing takes as long as the password is.
pub(crate) const LONGEST_PASSWORD: usize = 1_024;
/// Most watchers of one case.
pub(crate) const WATCHERS: usize = 50;
/// Most additional fields of one case.
pub(crate) const FIELDS: usize = 100;
/// Longest name of an additional field.
pub(crate) const LONGEST_FIELD_NAME: usize = 200;
/// Most records on one page.
pub(crate) const LARGEST_PAGE: i64 = 500;
/// Records on one page unless the client says otherwise.
pub(crate) const USUAL_PAGE: i64 = 100;
/// Longest search text.
pub(crate) const LONGEST_SEARCH: usize = 200;
/// Longest value to narrow a listing by.
pub(crate) const LONGEST_FACET: usize = 200;
/// Longest file name.
pub(crate) const LONGEST_NAME: usize = 255;
/// Largest file that is sent in one request, in bytes.
pub(crate) const LARGEST_FILE: usize = 100 * 1024 * 1024;
/// Largest file that is uploaded piece by piece, in bytes, unless the operator says otherwise.
pub(crate) const LARGEST_UPLOAD: u64 = 16 * 1024 * 1024 * 1024;
/// Longest Upload-Metadata, in characters.
pub(crate) const LONGEST_METADATA: usize = 4_000;
/// Longest media type, in characters.
pub(crate) const LONGEST_MEDIA_TYPE: usize = 255;
/// Largest JSON body, in bytes: room for the longest description with every character escaped.
pub(crate) const LARGEST_JSON: usize = 4 * 1024 * 1024;
