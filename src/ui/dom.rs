//! Elements, text and what changes in them: the portal's views over Leptos' reactive graph.
//!
//! Elements are made at once and changed by effects; there is no virtual tree and no difference to
//! compute. A closure among attributes or children is an effect of its own: it runs again when what
//! it read has changed, and only its attribute, or what stands between its two markers, is renewed.
//! Everything a view needs to stay alive is kept with it and goes when it goes.
//!
//! Leptos' own view layer is not used. Its types grow with every element, attribute and child, which
//! in this portal was two thirds of the bundle; and its `view!` macro turns static parts into HTML
//! strings, which a page under Trusted Types refuses. Here there is one type of element and one of
//! view, text is always text, and no way leads to HTML.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use leptos::reactive::effect::RenderEffect;
use leptos::reactive::owner::Owner;
use leptos::tachys::html::element::ElementType;
use leptos::tachys::html::event::EventDescriptor;
use leptos::tachys::html::node_ref::NodeRefContainer;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, Element, Node};

use crate::browser::page::{Listener, listen};

/// What the pages need of Leptos and of this module.
pub mod prelude {
    pub use leptos::prelude::{
        Callable, Callback, Dispose, Effect, Get, GetUntracked, GetValue, LocalStorage, Memo,
        NodeRef, RwSignal, Set, SetValue, Signal, StoredValue, Track, Update, UpdateUntracked,
        UpdateValue, With, WithUntracked, WithValue, event_target_value, on_cleanup,
        request_animation_frame, set_timeout, untrack,
    };

    pub use super::{AnyView, CollectView, El, IntoView, keyed};
}

thread_local! {
    static DOCUMENT: Option<Document> = web_sys::window().and_then(|window| window.document());
}

fn with_document<T>(make: impl FnOnce(&Document) -> Option<T>) -> Option<T> {
    DOCUMENT.with(|document| document.as_ref().and_then(make))
}

/// What a view keeps alive.
enum Keep {
    Effect { _effect: RenderEffect<()> },
    Listener { _listener: Listener },
    Slot { _slot: Rc<RefCell<Vec<Keep>>> },
}

/// A part of the page: its nodes, and what keeps them going.
#[derive(Default)]
pub struct AnyView {
    nodes: Vec<Node>,
    keep: Vec<Keep>,
}

impl AnyView {
    fn extend(&mut self, other: AnyView) {
        self.nodes.extend(other.nodes);
        self.keep.extend(other.keep);
    }

    fn node(node: Option<Node>) -> AnyView {
        AnyView {
            nodes: node.into_iter().collect(),
            keep: Vec::new(),
        }
    }
}

/// A mounted view; it goes when this is dropped.
pub struct Mounted {
    owner: Owner,
    view: AnyView,
}

impl Drop for Mounted {
    fn drop(&mut self) {
        for node in &self.view.nodes {
            remove(node);
        }
        self.view.keep.clear();
        self.owner.cleanup();
    }
}

/// Mounts what `make` makes into `place`.
pub fn mount(place: &Element, make: impl FnOnce() -> AnyView) -> Mounted {
    // It may be running already, which is as good.
    let _ = any_spawner::Executor::init_wasm_bindgen();
    let owner = Owner::new();
    let view = owner.with(make);
    for node in &view.nodes {
        append(place, node);
    }
    Mounted { owner, view }
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

fn text(content: &str) -> AnyView {
    AnyView::node(with_document(|document| {
        Some(document.create_text_node(content).into())
    }))
}

fn marker() -> Option<Node> {
    with_document(|document| Some(document.create_comment("").into()))
}

/// What can stand among an element's children.
pub trait IntoView {
    /// Makes its nodes.
    fn into_any(self) -> AnyView;
}

impl IntoView for AnyView {
    fn into_any(self) -> AnyView {
        self
    }
}

impl IntoView for () {
    fn into_any(self) -> AnyView {
        AnyView::default()
    }
}

impl IntoView for String {
    fn into_any(self) -> AnyView {
        text(&self)
    }
}

impl IntoView for &str {
    fn into_any(self) -> AnyView {
        text(self)
    }
}

impl<V: IntoView> IntoView for Option<V> {
    fn into_any(self) -> AnyView {
        self.map(V::into_any).unwrap_or_default()
    }
}

impl<V: IntoView> IntoView for Vec<V> {
    fn into_any(self) -> AnyView {
        self.collect_view()
    }
}

impl<F, V> IntoView for F
where
    F: Fn() -> V + 'static,
    V: IntoView,
{
    fn into_any(self) -> AnyView {
        region(Box::new(move || self().into_any()))
    }
}

/// Views one after the other.
pub trait CollectView {
    /// Makes one view of them.
    fn collect_view(self) -> AnyView;
}

impl<I: IntoIterator<Item = V>, V: IntoView> CollectView for I {
    fn collect_view(self) -> AnyView {
        let mut all = AnyView::default();
        for one in self {
            all.extend(one.into_any());
        }
        all
    }
}

macro_rules! tuples {
    ($($name:ident)+) => {
        impl<$($name: IntoView),+> IntoView for ($($name,)+) {
            #[expect(non_snake_case, reason = "the types' names serve as the values'")]
            fn into_any(self) -> AnyView {
                let ($($name,)+) = self;
                let mut all = AnyView::default();
                $(all.extend($name.into_any());)+
                all
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
fn region(make: Box<dyn Fn() -> AnyView>) -> AnyView {
    let (Some(start), Some(end)) = (marker(), marker()) else {
        return AnyView::default();
    };
    let slot: Rc<RefCell<Vec<Keep>>> = Rc::default();
    let first: Rc<RefCell<Vec<Node>>> = Rc::default();
    let effect = {
        let (start, end, slot, first) = (start.clone(), end.clone(), slot.clone(), first.clone());
        RenderEffect::new(move |before: Option<()>| {
            let view = make();
            if before.is_none() {
                *first.borrow_mut() = view.nodes;
            } else if let Some(parent) = end.parent_node() {
                while let Some(old) = start.next_sibling().filter(|next| *next != end) {
                    remove(&old);
                }
                for node in &view.nodes {
                    insert(&parent, node, &end);
                }
            }
            // What kept the former nodes alive goes after them.
            let old = std::mem::replace(&mut *slot.borrow_mut(), view.keep);
            drop(old);
        })
    };
    let mut nodes = vec![start];
    nodes.append(&mut first.borrow_mut());
    nodes.push(end);
    AnyView {
        nodes,
        keep: vec![Keep::Effect { _effect: effect }, Keep::Slot { _slot: slot }],
    }
}

struct Entry<K> {
    key: K,
    owner: Owner,
    view: AnyView,
}

impl<K> Drop for Entry<K> {
    fn drop(&mut self) {
        for node in &self.view.nodes {
            remove(node);
        }
        self.view.keep.clear();
        self.owner.cleanup();
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
    let Some(end) = marker() else {
        return AnyView::default();
    };
    // Entries outlive the effect's next run, so they belong to whoever owns the list.
    let outer = Owner::current().unwrap_or_default();
    let entries: Rc<RefCell<Vec<Entry<K>>>> = Rc::default();
    let first: Rc<RefCell<Vec<Node>>> = Rc::default();
    let effect = {
        let (end, first) = (end.clone(), first.clone());
        RenderEffect::new(move |before: Option<()>| {
            let mut old = entries.take();
            let mut now = Vec::new();
            for key in keys() {
                let kept = old.iter().position(|entry| entry.key == key);
                now.push(match kept {
                    Some(index) => old.remove(index),
                    None => {
                        let owner = outer.child();
                        let view = owner.with(|| make(&key));
                        Entry { key, owner, view }
                    }
                });
            }
            drop(old);
            let nodes = now.iter().flat_map(|entry| entry.view.nodes.iter());
            if before.is_none() {
                *first.borrow_mut() = nodes.cloned().collect();
            } else if let Some(parent) = end.parent_node() {
                // Moving an element takes the focus from it, so only those out of place are moved.
                let nodes: Vec<&Node> = nodes.collect();
                let mut next = end.clone();
                for node in nodes.into_iter().rev() {
                    if node.next_sibling().as_ref() != Some(&next) {
                        insert(&parent, node, &next);
                    }
                    next = node.clone();
                }
            }
            entries.replace(now);
        })
    };
    let mut nodes = first.take();
    nodes.push(end);
    AnyView {
        nodes,
        keep: vec![Keep::Effect { _effect: effect }],
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
    fn give(self, element: &mut El, name: &'static str);
}

impl Attribute for &'static str {
    fn give(self, element: &mut El, name: &'static str) {
        set(&element.element, name, Some(self));
    }
}

impl Attribute for String {
    fn give(self, element: &mut El, name: &'static str) {
        set(&element.element, name, Some(&self));
    }
}

impl<P: Plain> Attribute for Option<P> {
    fn give(self, element: &mut El, name: &'static str) {
        set(&element.element, name, self.plain().as_deref());
    }
}

impl<F, P> Attribute for F
where
    F: Fn() -> P + 'static,
    P: Plain,
{
    fn give(self, element: &mut El, name: &'static str) {
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

fn follow(element: &mut El, name: &'static str, find: Box<dyn Fn() -> Option<Cow<'static, str>>>) {
    let target = element.element.clone();
    let effect = RenderEffect::new(move |_: Option<()>| set(&target, name, find().as_deref()));
    element.keep.push(Keep::Effect { _effect: effect });
}

/// What a property can be given: a value, or a closure that finds it.
pub trait Property {
    /// Gives it to an element.
    fn give(self, element: &mut El, name: &'static str);
}

impl Property for bool {
    fn give(self, element: &mut El, name: &'static str) {
        set_property(&element.element, name, self.into());
    }
}

impl Property for String {
    fn give(self, element: &mut El, name: &'static str) {
        set_property(&element.element, name, self.into());
    }
}

impl<F, V> Property for F
where
    F: Fn() -> V + 'static,
    V: Into<JsValue>,
{
    fn give(self, element: &mut El, name: &'static str) {
        follow_property(element, name, Box::new(move || self().into()));
    }
}

fn set_property(element: &Element, name: &str, value: JsValue) {
    // Elements are not frozen, so it can't fail.
    let _ = js_sys::Reflect::set(element, &name.into(), &value);
}

fn follow_property(element: &mut El, name: &'static str, find: Box<dyn Fn() -> JsValue>) {
    let target = element.element.clone();
    let effect = RenderEffect::new(move |_: Option<()>| set_property(&target, name, find()));
    element.keep.push(Keep::Effect { _effect: effect });
}

/// An element being put together.
pub struct El {
    element: Element,
    keep: Vec<Keep>,
}

impl El {
    /// Sets an attribute.
    pub fn attr(mut self, name: &'static str, value: impl Attribute) -> El {
        value.give(&mut self, name);
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
    pub fn prop(mut self, name: &'static str, value: impl Property) -> El {
        value.give(&mut self, name);
        self
    }

    /// Calls back on an event, as long as the element is kept.
    pub fn on<E>(mut self, event: E, mut callback: impl FnMut(E::EventType) + 'static) -> El
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

    fn listen(&mut self, name: Cow<'static, str>, callback: Box<dyn FnMut(web_sys::Event)>) {
        let listener = listen(&self.element, name, callback);
        self.keep.push(Keep::Listener {
            _listener: listener,
        });
    }

    /// Lets a reference know the element.
    pub fn node_ref<E: ElementType>(self, place: impl NodeRefContainer<E>) -> El {
        place.load(&self.element);
        self
    }

    /// Puts children at its end.
    pub fn child(mut self, children: impl IntoView) -> El {
        self.add(children.into_any());
        self
    }

    fn add(&mut self, children: AnyView) {
        for node in &children.nodes {
            append(&self.element, node);
        }
        self.keep.extend(children.keep);
    }
}

impl IntoView for El {
    fn into_any(self) -> AnyView {
        AnyView {
            nodes: vec![self.element.into()],
            keep: self.keep,
        }
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
/// none, an unattached stand-in keeps the rest of the program going.
fn made(element: Option<Element>) -> El {
    El {
        element: element.unwrap_or_else(|| JsValue::UNDEFINED.unchecked_into()),
        keep: Vec::new(),
    }
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
    a article aside b br button caption code col colgroup dd details dialog div dl dt fieldset form h1 h2 h3 h4
    header hr input label legend li main mark nav ol option p pre progress section select span
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
