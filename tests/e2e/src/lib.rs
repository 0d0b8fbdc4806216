//! End-to-end tests of the release bundle against the reference backend.
