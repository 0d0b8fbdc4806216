//! A place for files: chosen with the browser's own control, or dropped on it.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{b, div, input, span};
use leptos::ev;
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, File, HtmlInputElement};

use super::icon::icon;
use crate::ui::actions::attach::files_of;

/// What a place for files says and takes.
pub struct FileDrop {
    /// The control's id.
    pub id: String,
    /// The id of what names it.
    pub label: String,
    /// What it asks for: "Choose files".
    pub choose: String,
    /// The other way: "or drop them here".
    pub or_drop: String,
    /// What may be taken, beneath; empty if that is said elsewhere.
    pub limits: String,
    /// The kinds of files the browser offers first, empty for all.
    pub accept: &'static str,
    /// Whether it takes several at once.
    pub several: bool,
}

/// The place; `take` is given what was chosen or dropped, which may be nothing.
pub fn file_drop(place: FileDrop, take: impl Fn(Vec<File>) + Clone + 'static) -> AnyView {
    let over = RwSignal::new(false);
    let dropped = {
        let take = take.clone();
        move |event: DragEvent| {
            event.prevent_default();
            over.set(false);
            let files = event.data_transfer().and_then(|data| data.files());
            take(files_of(files));
        }
    };
    let chosen = move |event: web_sys::Event| {
        let control = event
            .target()
            .and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        if let Some(control) = control {
            take(files_of(control.files()));
            // So that the same file can be chosen again after its removal or its mend.
            control.set_value("");
        }
    };
    let limits =
        (!place.limits.is_empty()).then(|| span().class("small muted").child(place.limits));
    div()
        .class("file-drop")
        .attr("data-over", move || over.get().then_some(""))
        .on(ev::dragover, move |event: DragEvent| {
            event.prevent_default();
            over.set(true);
        })
        .on(ev::dragleave, move |_| over.set(false))
        .on(ev::drop, dropped)
        .child((
            icon("upload"),
            span().child((b().child(place.choose), " ", place.or_drop)),
            limits,
            input()
                .attr("type", "file")
                .attr("multiple", place.several.then_some(""))
                .attr("accept", (!place.accept.is_empty()).then_some(place.accept))
                .id(place.id)
                .attr("aria-labelledby", place.label)
                .on(ev::change, chosen),
        ))
        .into_any()
}

/// With and without limits, and with far too much to say.
pub fn examples(_app: crate::ui::state::App) -> super::example::Examples {
    let long = super::example::LONG;
    let drop = |id: &str, choose: &str, limits: &str| {
        let name = format!("{id}-name");
        let place = FileDrop {
            id: id.into(),
            label: name.clone(),
            choose: choose.into(),
            or_drop: "or drop it here".into(),
            limits: limits.into(),
            accept: "",
            several: false,
        };
        (
            span().class("label").id(name).child("Files"),
            file_drop(place, |_| {}),
        )
            .into_any()
    };
    vec![
        ("Typical", drop("drop-a", "Choose a file", "100 MB at most")),
        ("Very long", drop("drop-b", long, long)),
    ]
}
