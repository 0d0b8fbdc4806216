//! To be written.
use crate::ui::state::{App, Failure};
use leptos::prelude::*;
/// The page.
pub fn page(_app: App, _failure: &Failure) -> AnyView {
    ().into_any()
}
