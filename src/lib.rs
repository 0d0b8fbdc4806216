//! Casement: a support portal that runs entirely in the browser.
