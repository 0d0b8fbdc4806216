//! Every component in all its states, from the examples beside the components, for whoever changes
//! one and for the tests that look at them. It needs no sign-in and keeps nothing.

use leptos::task::spawn_local;
use serde_json::Value;

use crate::browser::http;
use crate::core::error::{Error, Kind};
use crate::ui::clocks;
use crate::ui::components::example::{Examples, LONG, stage};
use crate::ui::components::page_head::page_head;
use crate::ui::components::{
    arriving, article, asked, case_acts, case_row, case_way, clock, clock_panel, comment_box, copy,
    customer_search, disagreement, draft_row, entitlement, error_summary, field, file_drop,
    file_list, findings, icon, kept_aside, link, notice, operation, page_head as head, saved,
    severity, status, summary, timeline, trouble, upload, use_chart,
};
use crate::ui::dom::prelude::*;
use crate::ui::dom::{div, h2, p, section};
use crate::ui::state::App;

/// A component's name and its examples.
type Group = (&'static str, fn(App) -> Examples);

const GROUPS: [Group; 33] = [
    ("Page head", head::examples),
    ("Error summary", error_summary::examples),
    ("Notice", notice::examples),
    ("Status", status::examples),
    ("Severity", severity::examples),
    ("Save state", saved::examples),
    ("Link", link::examples),
    ("Article", article::examples),
    ("Entitlement", entitlement::examples),
    ("Draft", draft_row::examples),
    ("Pending", operation::examples),
    ("Summary", summary::examples),
    ("Case", case_row::examples),
    ("Way of a case", case_way::examples),
    ("What can be asked for", case_acts::examples),
    ("Time line", timeline::examples),
    ("An answer that can't be used", trouble::examples),
    ("Clock", clock::examples),
    ("Clocks beside a form", clock_panel::examples),
    ("Comment", comment_box::examples),
    ("Copy", copy::examples),
    ("On its way", arriving::examples),
    ("Field", field::examples),
    ("Search for a customer", customer_search::examples),
    ("Disagreement", disagreement::examples),
    ("Kept aside", kept_aside::examples),
    ("Findings", findings::examples),
    ("Place for files", file_drop::examples),
    ("List of files", file_list::examples),
    ("Upload", upload::examples),
    ("Asked of the vendor", asked::examples),
    ("Use over time", use_chart::examples),
    ("Icon", icon::examples),
];

/// The page.
pub fn page(app: App) -> AnyView {
    let data = RwSignal::new(None);
    spawn_local(async move {
        match load(app).await {
            Ok(found) => data.set(Some(found)),
            Err(error) => app.problem.set(Some(error)),
        }
    });
    let title = page_head("Components".into(), "Each in all its states.".into());
    let groups = move || data.with(|data| data.as_ref().map(|data| untrack(|| groups(app, data))));
    div()
        .class("page page-wide")
        .child((title, groups))
        .into_any()
}

async fn load(app: App) -> Result<Value, Error> {
    let name = "gallery.json";
    let base = app.options.with_value(|options| options.base.clone());
    let text = http::load(&format!("{base}{name}")).await?;
    serde_json::from_str(&text.replace('§', LONG))
        .map_err(|error| Error::new(Kind::Configuration, format!("{name}: {error}")))
}

fn groups(app: App, data: &Value) -> Vec<AnyView> {
    clocks::start(app);
    let app = stage(app, data);
    // The error summary takes the focus wherever it appears; this page begins at its beginning.
    request_animation_frame(|| {
        if let Some(window) = web_sys::window() {
            window.scroll_to_with_x_and_y(0.0, 0.0);
        }
    });
    GROUPS.into_iter().map(|group| show(app, group)).collect()
}

fn show(app: App, (name, examples): Group) -> AnyView {
    let views: Vec<_> = examples(app)
        .into_iter()
        .map(|(label, view)| {
            let label = p().class("small muted").attr("lang", "en").child(label);
            div().class("stack-s").child((label, view))
        })
        .collect();
    section()
        .class("section")
        .child((h2().attr("lang", "en").child(name), views))
        .into_any()
}
