//! To be written.
use crate::ui::state::App;
use leptos::prelude::*;
/// The page.
pub fn page(_app: App) -> AnyView {
    ().into_any()
}
