//! Elements, text and what changes in them: the portal's views over Leptos' reactive graph.
//!
//! Elements are made at once and changed by effects; there is no virtual tree and no difference to
//! compute. A closure among attributes or children is an effect of its own: it runs again when what
//! it read has changed, and only its attribute, or what stands between its two markers, is renewed.
//! Everything a view needs to stay alive is kept with it and goes when it goes.
//!
//! Leptos' own view layer is not used. Its types grow with every element, attribute and child, which
//! with half of the pages written was a quarter of the module; and its `view!` macro turns static parts into HTML
//! strings, which a page under Trusted Types refuses. Here there is one type of element and one of
//! view, text is always text, and no way leads to HTML.

use std::borrow::Cow;
use std::cell::RefCell;

use leptos::prelude::StoredValue;
use leptos::reactive::effect::RenderEffect;
use leptos::reactive::owner::Owner;
use leptos::tachys::html::element::ElementType;
use leptos::tachys::html::event::EventDescriptor;
use leptos::tachys::html::node_ref::NodeRefContainer;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, Element, Node};

use crate::browser::page::listen;

/// What the pages need of Leptos and of this module.
pub mod prelude {
    pub use leptos::prelude::{
        Callable, Callback, Dispose, Get, GetUntracked, GetValue, LocalStorage, NodeRef, Set,
        SetValue, StoredValue, Track, Update, UpdateUntracked, UpdateValue, With, WithUntracked,
        WithValue, event_target_value, on_cleanup, request_animation_frame, set_timeout, untrack,
    };

    pub use super::super::reactive::{Effect, Memo, RwSignal};
    pub use super::{AnyView, CollectView, El, IntoView, keyed};
}

thread_local! {
    static DOCUMENT: Option<Document> = web_sys::window().and_then(|window| window.document());
}

fn with_document<T>(make: impl FnOnce(&Document) -> Option<T>) -> Option<T> {
    DOCUMENT.with(|document| document.as_ref().and_then(make))
}

/// A part of the page: a node, or a fragment that holds several until they are put in their place.
#[derive(Default)]
pub struct AnyView(Option<Node>);

/// Keeps something for as long as the surrounding view: it goes with the reactive owner.
fn keep<T: 'static>(value: T) {
    StoredValue::new_local(value);
}

/// A mounted view; it goes when this is dropped.
pub struct Mounted {
    place: Element,
    owner: Owner,
}

impl Drop for Mounted {
    fn drop(&mut self) {
        self.owner.cleanup();
        while let Some(node) = self.place.first_child() {
            remove(&node);
        }
    }
}

/// Mounts what `make` makes into `place`, an element of its own.
pub fn mount(place: Element, make: impl FnOnce() -> AnyView) -> Mounted {
    // It may be running already, which is as good.
    let _ = any_spawner::Executor::init_wasm_bindgen();
    let owner = Owner::new();
    owner.with(make).append_to(&place);
    Mounted { place, owner }
}

// The DOM refuses these only where a node is put into itself, which no view can do.

fn append(parent: &Node, node: &Node) {
    let _ = parent.append_child(node);
}

fn insert(parent: &Node, node: &Node, before: &Node) {
    let _ = parent.insert_before(node, Some(before));
}

fn remove(node: &Node) {
    if let Some(parent) = node.parent_node() {
        let _ = parent.remove_child(node);
    }
}

fn append_text(parent: &Node, content: &str) {
    let text = with_document(|document| Some(document.create_text_node(content)));
    if let Some(text) = text {
        append(parent, &text);
    }
}

fn append_marker(parent: &Node) -> Option<Node> {
    let marker: Node = with_document(|document| Some(document.create_comment("").into()))?;
    append(parent, &marker);
    Some(marker)
}

fn fragment() -> Option<Node> {
    with_document(|document| Some(document.create_document_fragment().into()))
}

/// What can stand among an element's children.
pub trait IntoView: Sized {
    /// Makes its nodes at the end of `parent`.
    fn append_to(self, parent: &Node);

    /// Makes its nodes, to be put somewhere later.
    fn into_any(self) -> AnyView {
        let fragment = fragment();
        if let Some(fragment) = &fragment {
            self.append_to(fragment);
        }
        AnyView(fragment)
    }
}

impl IntoView for AnyView {
    fn append_to(self, parent: &Node) {
        if let Some(node) = &self.0 {
            append(parent, node);
        }
    }

    fn into_any(self) -> AnyView {
        self
    }
}

impl IntoView for () {
    fn append_to(self, _: &Node) {}

    fn into_any(self) -> AnyView {
        AnyView(None)
    }
}

impl IntoView for String {
    fn append_to(self, parent: &Node) {
        append_text(parent, &self);
    }
}

impl IntoView for &str {
    fn append_to(self, parent: &Node) {
        append_text(parent, self);
    }
}

impl<V: IntoView> IntoView for Option<V> {
    fn append_to(self, parent: &Node) {
        if let Some(view) = self {
            view.append_to(parent);
        }
    }
}

impl<V: IntoView> IntoView for Vec<V> {
    fn append_to(self, parent: &Node) {
        for view in self {
            view.append_to(parent);
        }
    }
}

impl<F, V> IntoView for F
where
    F: Fn() -> V + 'static,
    V: IntoView,
{
    fn append_to(self, parent: &Node) {
        region(parent, Box::new(move |place| self().append_to(place)));
    }
}

/// Views one after the other.
pub trait CollectView {
    /// Makes one view of them.
    fn collect_view(self) -> AnyView;
}

impl<I: IntoIterator<Item = V>, V: IntoView> CollectView for I {
    fn collect_view(self) -> AnyView {
        let fragment = fragment();
        if let Some(fragment) = &fragment {
            for view in self {
                view.append_to(fragment);
            }
        }
        AnyView(fragment)
    }
}

macro_rules! tuples {
    ($($name:ident)+) => {
        impl<$($name: IntoView),+> IntoView for ($($name,)+) {
            #[expect(non_snake_case, reason = "the types' names serve as the values'")]
            fn append_to(self, parent: &Node) {
                let ($($name,)+) = self;
                $($name.append_to(parent);)+
            }
        }
    };
}

tuples!(A);
tuples!(A B);
tuples!(A B C);
tuples!(A B C D);
tuples!(A B C D E);
tuples!(A B C D E F);
tuples!(A B C D E F G);
tuples!(A B C D E F G H);
tuples!(A B C D E F G H I);
tuples!(A B C D E F G H I J);

/// What stands between two markers and is made anew when what it read has changed. The markers let
/// regions stand in regions: whatever came and went between them, it is all removed.
fn region(parent: &Node, make: Box<dyn Fn(&Node)>) {
    let (Some(start), Some(end)) = (append_marker(parent), append_marker(parent)) else {
        return;
    };
    keep(RenderEffect::new(move |_: Option<()>| {
        // Made first, so that what it reads is read also while nothing can be shown.
        let Some(made) = fragment() else { return };
        make(&made);
        while let Some(old) = start.next_sibling().filter(|next| *next != end) {
            remove(&old);
        }
        if let Some(parent) = end.parent_node() {
            insert(&parent, &made, &end);
        }
    }));
}

struct Entry<K> {
    key: K,
    owner: Owner,
    node: Node,
}

impl<K> Drop for Entry<K> {
    fn drop(&mut self) {
        self.owner.cleanup();
        remove(&self.node);
    }
}

/// A list whose entries are made once for each key and stay as long as their key does. An entry is
/// one element.
pub fn keyed<K>(
    keys: impl Fn() -> Vec<K> + 'static,
    make: impl Fn(&K) -> AnyView + 'static,
) -> AnyView
where
    K: Clone + PartialEq + 'static,
{
    let Some(place) = fragment() else {
        return AnyView(None);
    };
    let Some(end) = append_marker(&place) else {
        return AnyView(None);
    };
    // Entries outlive the effect's next run, so they belong to whoever owns the list.
    let outer = Owner::current().unwrap_or_default();
    let entries: RefCell<Vec<Entry<K>>> = RefCell::default();
    keep(RenderEffect::new(move |_: Option<()>| {
        let mut old = entries.take();
        let mut now = Vec::new();
        for key in keys() {
            let kept = old.iter().position(|entry| entry.key == key);
            now.extend(match kept {
                Some(index) => Some(old.remove(index)),
                None => {
                    let owner = outer.child();
                    let node = owner.with(|| single(make(&key)));
                    node.map(|node| Entry { key, owner, node })
                }
            });
        }
        drop(old);
        if let Some(parent) = end.parent_node() {
            // Moving an element takes the focus from it, so only those out of place are moved.
            let mut next = end.clone();
            for entry in now.iter().rev() {
                if entry.node.next_sibling().as_ref() != Some(&next) {
                    insert(&parent, &entry.node, &next);
                }
                next = entry.node.clone();
            }
        }
        entries.replace(now);
    }));
    AnyView(Some(place))
}

/// The one element of a view.
fn single(view: AnyView) -> Option<Node> {
    let node = view.0?;
    if node.node_type() == Node::DOCUMENT_FRAGMENT_NODE {
        node.first_child()
    } else {
        Some(node)
    }
}

/// A value of an attribute: a text, or nothing for no attribute.
pub trait Plain {
    /// The text.
    fn plain(self) -> Option<Cow<'static, str>>;
}

impl Plain for &'static str {
    fn plain(self) -> Option<Cow<'static, str>> {
        Some(self.into())
    }
}

impl Plain for String {
    fn plain(self) -> Option<Cow<'static, str>> {
        Some(self.into())
    }
}

impl<P: Plain> Plain for Option<P> {
    fn plain(self) -> Option<Cow<'static, str>> {
        self.and_then(P::plain)
    }
}

/// What an attribute can be given: a value, or a closure that finds it.
pub trait Attribute {
    /// Gives it to an element.
    fn give(self, element: &El, name: &'static str);
}

impl Attribute for &'static str {
    fn give(self, element: &El, name: &'static str) {
        set(&element.0, name, Some(self));
    }
}

impl Attribute for String {
    fn give(self, element: &El, name: &'static str) {
        set(&element.0, name, Some(&self));
    }
}

impl<P: Plain> Attribute for Option<P> {
    fn give(self, element: &El, name: &'static str) {
        set(&element.0, name, self.plain().as_deref());
    }
}

impl<F, P> Attribute for F
where
    F: Fn() -> P + 'static,
    P: Plain,
{
    fn give(self, element: &El, name: &'static str) {
        follow(element, name, Box::new(move || self().plain()));
    }
}

fn set(element: &Element, name: &str, value: Option<&str>) {
    // Names are the code's own and valid, so neither can fail.
    let _ = match value {
        Some(value) => element.set_attribute(name, value),
        None => element.remove_attribute(name),
    };
}

fn follow(element: &El, name: &'static str, find: Box<dyn Fn() -> Option<Cow<'static, str>>>) {
    let target = element.0.clone();
    keep(RenderEffect::new(move |_: Option<()>| {
        set(&target, name, find().as_deref());
    }));
}

/// What a property can be given: a value, or a closure that finds it.
pub trait Property {
    /// Gives it to an element.
    fn give(self, element: &El, name: &'static str);
}

impl Property for bool {
    fn give(self, element: &El, name: &'static str) {
        set_property(&element.0, name, self.into());
    }
}

impl Property for String {
    fn give(self, element: &El, name: &'static str) {
        set_property(&element.0, name, self.into());
    }
}

impl<F, V> Property for F
where
    F: Fn() -> V + 'static,
    V: Into<JsValue>,
{
    fn give(self, element: &El, name: &'static str) {
        follow_property(element, name, Box::new(move || self().into()));
    }
}

/// What a property says already is not said again: it could end what is being composed in a line.
fn set_property(element: &Element, name: &str, value: JsValue) {
    let name = JsValue::from(name);
    if js_sys::Reflect::get(element, &name).is_ok_and(|now| now == value) {
        return;
    }
    // Elements are not frozen, so it can't fail.
    let _ = js_sys::Reflect::set(element, &name, &value);
}

fn follow_property(element: &El, name: &'static str, find: Box<dyn Fn() -> JsValue>) {
    let target = element.0.clone();
    keep(RenderEffect::new(move |_: Option<()>| {
        set_property(&target, name, find());
    }));
}

/// An element being put together.
pub struct El(Element);

impl El {
    /// Sets an attribute.
    pub fn attr(self, name: &'static str, value: impl Attribute) -> El {
        value.give(&self, name);
        self
    }

    /// Sets its classes.
    pub fn class(self, value: impl Attribute) -> El {
        self.attr("class", value)
    }

    /// Sets its id.
    pub fn id(self, value: impl Attribute) -> El {
        self.attr("id", value)
    }

    /// Sets where it leads.
    pub fn href(self, value: impl Attribute) -> El {
        self.attr("href", value)
    }

    /// Sets its name in a form.
    pub fn name(self, value: impl Attribute) -> El {
        self.attr("name", value)
    }

    /// Sets a property of the element itself, as `checked` or `value`.
    pub fn prop(self, name: &'static str, value: impl Property) -> El {
        value.give(&self, name);
        self
    }

    /// Calls back on an event, as long as the element is kept.
    pub fn on<E>(self, event: E, mut callback: impl FnMut(E::EventType) + 'static) -> El
    where
        E: EventDescriptor,
        E::EventType: JsCast,
    {
        self.listen(
            event.name(),
            Box::new(move |event| callback(event.unchecked_into())),
        );
        self
    }

    fn listen(&self, name: Cow<'static, str>, callback: Box<dyn FnMut(web_sys::Event)>) {
        keep(listen(&self.0, name, callback));
    }

    /// Lets a reference know the element.
    pub fn node_ref<E: ElementType>(self, place: impl NodeRefContainer<E>) -> El {
        place.load(&self.0);
        self
    }

    /// Puts children at its end.
    pub fn child(self, children: impl IntoView) -> El {
        children.append_to(&self.0);
        self
    }
}

impl IntoView for El {
    fn append_to(self, parent: &Node) {
        append(parent, &self.0);
    }

    fn into_any(self) -> AnyView {
        AnyView(Some(self.0.into()))
    }
}

fn html(tag: &str) -> El {
    made(with_document(|document| document.create_element(tag).ok()))
}

fn svg_element(tag: &str) -> El {
    const SVG: Option<&str> = Some("http://www.w3.org/2000/svg");
    made(with_document(|document| {
        document.create_element_ns(SVG, tag).ok()
    }))
}

/// Tags are the code's own and there is a document wherever the portal is mounted; should there be
/// none, a stand-in that does nothing keeps the rest of the program going.
fn made(element: Option<Element>) -> El {
    El(element.unwrap_or_else(|| js_sys::Object::new().unchecked_into()))
}

macro_rules! elements {
    ($($name:ident)+) => {
        $(
            #[doc = concat!("A `", stringify!($name), "` element.")]
            pub fn $name() -> El {
                html(stringify!($name))
            }
        )+
    };
}

elements! {
    a article aside b bdi br button caption code col colgroup dd details dialog div dl dt fieldset form h1 h2 h3 h4
    header hr img input label legend li main mark nav ol optgroup option p pre progress section select span
    strong summary table tbody td textarea th thead time tr ul datalist
}

/// Elements of drawings.
pub mod svg {
    use super::{El, svg_element};

    macro_rules! drawings {
        ($($name:ident)+) => {
            $(
                #[doc = concat!("A `", stringify!($name), "` element of a drawing.")]
                pub fn $name() -> El {
                    svg_element(stringify!($name))
                }
            )+
        };
    }

    drawings! { line path rect svg text title }
}
