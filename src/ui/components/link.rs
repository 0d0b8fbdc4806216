//! Links within the portal: real links with addresses, followed without loading the page anew.

use crate::ui::dom::a;
use crate::ui::dom::prelude::*;
use leptos::ev::MouseEvent;
use wasm_bindgen::JsCast;

use crate::core::route::Route;
use crate::ui::state::App;

/// Whether a click means to stay in this tab.
fn stays_here(event: &MouseEvent) -> bool {
    event.button() == 0
        && !event.ctrl_key()
        && !event.meta_key()
        && !event.shift_key()
        && !event.alt_key()
}

/// A link to a route.
pub fn link(
    app: App,
    class: &'static str,
    route: Route,
    content: impl IntoView + 'static,
) -> AnyView {
    link_after(app, class, route, || {}, content)
}

/// A link to a route that does something before it is followed.
pub fn link_after(
    app: App,
    class: &'static str,
    route: Route,
    before: impl Fn() + 'static,
    content: impl IntoView + 'static,
) -> AnyView {
    a().class(class)
        .href(app.href(&route))
        .on(leptos::ev::click, move |event: MouseEvent| {
            if stays_here(&event) {
                event.prevent_default();
                before();
                app.go(route.clone());
            }
        })
        .child(content.into_any())
        .into_any()
}

/// A link to a control of this page: it brings the control's label into view and puts the focus on
/// the control. A plain fragment would not find it inside the shadow root, nor leave the address as
/// it is.
pub fn to_field(id: String, text: String) -> AnyView {
    let target = id.clone();
    a().href(format!("#{id}"))
        .on(leptos::ev::click, move |event: MouseEvent| {
            event.prevent_default();
            let here = event.current_target();
            if let Some(here) = here.and_then(|here| here.dyn_into::<web_sys::Node>().ok()) {
                focus_field(&here, &target);
            }
        })
        .child(text)
        .into_any()
}

/// Brings a control's label into view and puts the focus on the control; `near` is any node of the
/// same portal.
pub fn focus_field(near: &web_sys::Node, id: &str) {
    let root = near.get_root_node();
    let find = |selector: &str| -> Option<web_sys::HtmlElement> {
        let found = match root.dyn_ref::<web_sys::ShadowRoot>() {
            Some(shadow) => shadow.query_selector(selector),
            None => root
                .dyn_ref::<web_sys::Document>()?
                .query_selector(selector),
        };
        found.ok().flatten()?.dyn_into().ok()
    };
    let label = find(&format!("[for=\"{id}\"], [data-field=\"{id}\"]"));
    if let Some(label) = &label {
        label.scroll_into_view();
    }
    let control = find(&format!("[id=\"{id}\"]"));
    if control.is_none() {
        // Where nothing can be chosen at present, what is said of it is read from its label on.
        let _ = label
            .as_ref()
            .map(|label| label.set_attribute("tabindex", "-1"));
    }
    if let Some(target) = control.or(label) {
        // An element that can't take the focus leaves it where it is.
        let _ = target.focus();
    }
}

/// Within the portal and within a page.
pub fn examples(app: App) -> super::example::Examples {
    vec![
        ("To a page", link(app, "", Route::Home, "Home")),
        ("As a button", link(app, "btn", Route::Home, "Home")),
        (
            "To a field",
            to_field("example".into(), super::example::LONG.into()),
        ),
    ]
}
