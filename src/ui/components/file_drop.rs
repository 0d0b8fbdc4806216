//! A place for files: chosen with the browser's own controls, folders too, dropped on it, or pasted
//! anywhere around it.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{b, div, input, label, span};
use leptos::ev;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, DragEvent, HtmlInputElement};

use super::icon::icon;
use crate::browser::clock;
use crate::browser::files::pick::{Picked, chosen, dropped, pasted};
use crate::browser::page::listen;
use crate::core::policy::Files;
use crate::ui::state::Words;

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
    /// Where it takes several at once, what asks for a folder: "Choose a folder".
    pub folder: Option<String>,
}

/// What may be taken, in words: how many, how large, and which types where not all are.
pub fn limits(words: &Words, rules: &Files) -> String {
    let size = clock::bytes(words.lang(), rules.max_bytes);
    let count = clock::number(words.lang(), rules.max_count);
    let limits = words.with("files.limits", &[("size", &size), ("count", &count)]);
    match rules.types() {
        none if none.is_empty() => limits,
        types => {
            let types = types.join(", ");
            words.with(
                "files.limits_of_types",
                &[("limits", &limits), ("types", &types)],
            )
        }
    }
}

/// The place; `take` is given what was chosen, dropped or pasted, which may be nothing.
pub fn file_drop(place: FileDrop, take: impl Fn(Vec<Picked>) + Clone + 'static) -> AnyView {
    let over = RwSignal::new(false);
    let at = NodeRef::<leptos::html::Div>::new();
    let several = place.folder.is_some();
    if several {
        hear_pasting(at, take.clone());
    }
    let let_fall = {
        let take = take.clone();
        move |event: DragEvent| {
            event.prevent_default();
            over.set(false);
            if let Some(data) = event.data_transfer() {
                let (take, found) = (take.clone(), dropped(&data));
                spawn_local(async move { take(found.await) });
            }
        }
    };
    let limits =
        (!place.limits.is_empty()).then(|| span().class("small muted").child(place.limits));
    let folder = place.folder.map(|words| {
        let control = input().attr("webkitdirectory", "");
        label().class("btn btn-quiet btn-s file-pick").child((
            icon("folder"),
            words,
            reads(control, take.clone()),
        ))
    });
    let drop = div()
        .class("file-drop")
        .attr("data-over", move || over.get().then_some(""))
        .on(ev::dragover, move |event: DragEvent| {
            event.prevent_default();
            over.set(true);
        })
        .on(ev::dragleave, move |_| over.set(false))
        .on(ev::drop, let_fall)
        .child((
            icon("upload"),
            span().child((b().child(place.choose), " ", place.or_drop)),
            limits,
            reads(
                input()
                    .attr("multiple", several.then_some(""))
                    .attr("accept", (!place.accept.is_empty()).then_some(place.accept))
                    .id(place.id)
                    .attr("aria-labelledby", place.label),
                take,
            ),
        ));
    div().node_ref(at).child((drop, folder)).into_any()
}

/// A control by which files are chosen.
fn reads(control: crate::ui::dom::El, take: impl Fn(Vec<Picked>) + 'static) -> AnyView {
    control
        .attr("type", "file")
        .on(ev::change, move |event: web_sys::Event| {
            let control = event
                .target()
                .and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            if let Some(control) = control {
                take(chosen(control.files()));
                // So that the same file can be chosen again after its removal or its mend.
                control.set_value("");
            }
        })
        .into_any()
}

/// A button that asks for one file again.
pub fn choose_again(words: String, take: impl Fn(Vec<Picked>) + 'static) -> AnyView {
    label()
        .class("btn btn-s file-pick")
        .child((icon("upload"), words, reads(input(), take)))
        .into_any()
}

/// Takes pictures and files that are pasted on the page around the place, whatever has the focus.
/// What comes with text is text: office programs put a picture of it beside.
fn hear_pasting(at: NodeRef<leptos::html::Div>, take: impl Fn(Vec<Picked>) + Clone + 'static) {
    Effect::new(move |_| {
        let around = at.get()?.closest("main").ok()??;
        let take = take.clone();
        let listener = listen(&around, "paste", move |event| {
            let event: ClipboardEvent = event.unchecked_into();
            let Some(data) = event.clipboard_data() else {
                return;
            };
            let has_text = data
                .get_data("text/plain")
                .is_ok_and(|text| !text.is_empty());
            let found = pasted(&data);
            if !has_text && !found.is_empty() {
                event.prevent_default();
                take(found);
            }
        });
        Some(listener)
    });
}

/// With and without limits, and with far too much to say.
pub fn examples(_app: crate::ui::state::App) -> super::example::Examples {
    let long = super::example::LONG;
    let drop = |id: &str, choose: &str, limits: &str, folder: Option<&str>| {
        let name = format!("{id}-name");
        let place = FileDrop {
            id: id.into(),
            label: name.clone(),
            choose: choose.into(),
            or_drop: "or drop it here".into(),
            limits: limits.into(),
            accept: "",
            folder: folder.map(String::from),
        };
        (
            span().class("label").id(name).child("Files"),
            file_drop(place, |_| {}),
        )
            .into_any()
    };
    vec![
        (
            "Typical",
            drop("drop-a", "Choose a file", "100 MB at most", None),
        ),
        ("Very long", drop("drop-b", long, long, Some(long))),
    ]
}
