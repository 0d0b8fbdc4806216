//! The document and the window: listeners that clean up after themselves, preferences, clipboard.

use std::borrow::Cow;
use std::pin::Pin;
use std::task::Poll;

use js_sys::{Function, Promise};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{BroadcastChannel, Event, EventTarget, MessageEvent};

/// A listener; it is removed when this is dropped.
pub struct Listener {
    target: EventTarget,
    event: Cow<'static, str>,
    callback: Closure<dyn FnMut(Event)>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        // Removing a listener of a living target can't fail.
        let _ = self.target.remove_event_listener_with_callback(
            &self.event,
            self.callback.as_ref().unchecked_ref(),
        );
    }
}

/// Listens to an event until the result is dropped.
pub fn listen(
    target: &EventTarget,
    event: impl Into<Cow<'static, str>>,
    callback: impl FnMut(Event) + 'static,
) -> Listener {
    let event = event.into();
    let callback = Closure::<dyn FnMut(Event)>::wrap(Box::new(callback));
    // Adding a listener with a valid callback can't fail.
    let _ = target.add_event_listener_with_callback(&event, callback.as_ref().unchecked_ref());
    Listener {
        target: target.clone(),
        event,
        callback,
    }
}

/// What an exception says of itself.
pub fn message(error: &JsValue) -> String {
    let text = |name: &str| {
        js_sys::Reflect::get(error, &name.into())
            .ok()
            .and_then(|value| value.as_string())
            .unwrap_or_default()
    };
    format!("{}: {}", text("name"), text("message"))
}

/// Whether a page that is left by this event falls asleep in the middle of its transactions, which
/// then keep the database from everybody else. Of the engines WebKit does so, and no feature tells
/// it apart but the word that it has to say there.
pub fn sleeps_as_it_is(left: &Event) -> bool {
    let get = |of: &JsValue, name: &str| js_sys::Reflect::get(of, &name.into()).unwrap_or_default();
    let vendor = get(&get(&js_sys::global(), "navigator"), "vendor").as_string();
    get(left, "persisted").is_truthy() && vendor.is_some_and(|vendor| vendor.starts_with("Apple"))
}

/// Whether the browser believes in a network.
pub fn online() -> bool {
    web_sys::window().is_none_or(|window| window.navigator().on_line())
}

/// A preference of the person on this device: language, theme, density; never anything secret.
pub fn preference(name: &str) -> Option<String> {
    let storage = web_sys::window()?.local_storage().ok()??;
    storage.get_item(&format!("casement.{name}")).ok()?
}

/// Keeps a preference; where storage is blocked it holds until the page is closed.
pub fn set_preference(name: &str, value: &str) {
    let storage = web_sys::window().and_then(|window| window.local_storage().ok().flatten());
    if let Some(storage) = storage {
        let _ = storage.set_item(&format!("casement.{name}"), value);
    }
}

/// Keeps a preference no longer.
pub fn forget_preference(name: &str) {
    let storage = web_sys::window().and_then(|window| window.local_storage().ok().flatten());
    if let Some(storage) = storage {
        let _ = storage.remove_item(&format!("casement.{name}"));
    }
}

/// A mark of this tab, which outlives a reload and ends with the tab.
pub fn is_marked(name: &str) -> bool {
    tab().is_some_and(|tab| matches!(tab.get_item(&format!("casement.{name}")), Ok(Some(_))))
}

/// Marks this tab.
pub fn mark(name: &str) {
    if let Some(tab) = tab() {
        let _ = tab.set_item(&format!("casement.{name}"), "yes");
    }
}

/// Takes a mark off this tab.
pub fn unmark(name: &str) {
    if let Some(tab) = tab() {
        let _ = tab.remove_item(&format!("casement.{name}"));
    }
}

fn tab() -> Option<web_sys::Storage> {
    web_sys::window()?.session_storage().ok()?
}

/// The lock manager, by reflection because web-sys counts it as unstable; it is missing outside
/// secure contexts.
fn locks() -> Option<JsValue> {
    let navigator = web_sys::window()?.navigator();
    let locks = js_sys::Reflect::get(&navigator, &"locks".into()).ok()?;
    (!locks.is_undefined()).then_some(locks)
}

fn method(of: &JsValue, name: &str) -> Option<js_sys::Function> {
    js_sys::Reflect::get(of, &name.into()).ok()?.dyn_into().ok()
}

/// Whether some tab holds the lock of a name; none where the browser has no locks.
pub async fn is_held(name: &str) -> Option<bool> {
    let locks = locks()?;
    let asked = method(&locks, "query")?.call0(&locks).ok()?;
    let told = within(1_000, JsFuture::from(Promise::from(asked))).await?;
    let held = js_sys::Reflect::get(&told.ok()?, &"held".into()).ok()?;
    let is_it = |lock: JsValue| {
        let of = js_sys::Reflect::get(&lock, &"name".into());
        of.ok().and_then(|of| of.as_string()).as_deref() == Some(name)
    };
    Some(js_sys::Array::from(&held).iter().any(is_it))
}

/// Holds the lock of a name, together with other tabs, as long as the page is there.
pub fn hold(name: &str) {
    let Some(locks) = locks() else { return };
    let held = Closure::once_into_js(|_: JsValue| Promise::new(&mut |_, _| {}));
    let how = js_sys::Object::new();
    // Setting a property of a fresh object can't fail.
    let _ = js_sys::Reflect::set(&how, &"mode".into(), &"shared".into());
    if let Some(request) = method(&locks, "request") {
        let _ = request.call3(&locks, &name.into(), &how, &held);
    }
}

/// Loads the page anew.
pub fn reload() {
    if let Some(window) = web_sys::window() {
        // It can't be refused to a page of its own origin.
        let _ = window.location().reload();
    }
}

/// Whether nobody sees the page now; its timers may be a second late then, and later.
pub fn is_hidden() -> bool {
    web_sys::window()
        .and_then(|window| window.document())
        .is_some_and(|document| document.hidden())
}

/// What comes of some work within a time in milliseconds; nothing if it takes longer.
pub async fn within<T>(limit: i32, work: impl IntoFuture<Output = T>) -> Option<T> {
    let mut outcome = None;
    let work = async { outcome = Some(work.await) };
    end(limit, std::pin::pin!(work)).await;
    outcome
}

/// When work is through, or a time is over: the part of [`within`] that is the same for all work.
async fn end(limit: i32, mut work: Pin<&mut dyn Future<Output = ()>>) {
    let mut done = None;
    let promise = Promise::new(&mut |resolve, _| done = Some(resolve));
    // Let go when this ends, however it ends.
    let _pause = done.map(|done| Pause::begin(limit, done));
    let mut over = std::pin::pin!(JsFuture::from(promise));
    std::future::poll_fn(move |context| {
        if work.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        over.as_mut().poll(context).map(|_| ())
    })
    .await;
}

/// A timer that ends with whoever waits for it, so that nothing stays in memory until it is over.
struct Pause {
    timer: Option<i32>,
    done: Function,
}

impl Pause {
    fn begin(millis: i32, done: Function) -> Pause {
        let window = web_sys::window();
        let timer = window.and_then(|window| {
            // A window that sets no timer is being closed, and nobody waits any more.
            window
                .set_timeout_with_callback_and_timeout_and_arguments_0(&done, millis)
                .ok()
        });
        Pause { timer, done }
    }
}

impl Drop for Pause {
    fn drop(&mut self) {
        if let (Some(window), Some(timer)) = (web_sys::window(), self.timer) {
            window.clear_timeout_with_handle(timer);
        }
        // A promise that is never resolved is never forgotten; resolving one can't fail.
        let _ = self.done.call0(&JsValue::UNDEFINED);
    }
}

/// The languages the browser asks for, most wanted first.
pub fn languages() -> Vec<String> {
    let languages = web_sys::window().map(|window| window.navigator().languages());
    languages
        .unwrap_or_default()
        .iter()
        .filter_map(|language| language.as_string())
        .collect()
}

/// Copies a text; whether it worked is said by `done`.
pub fn copy(text: &str, done: impl FnOnce(bool) + 'static) {
    let Some(window) = web_sys::window() else {
        return done(false);
    };
    let clipboard: JsValue = window.navigator().clipboard().into();
    if clipboard.is_undefined() {
        // Without a secure context there is no clipboard.
        return done(false);
    }
    let promise = window.navigator().clipboard().write_text(text);
    wasm_bindgen_futures::spawn_local(async move {
        let result = JsFuture::from(promise).await;
        done(result.is_ok());
    });
}

/// Prints the page.
pub fn print() {
    if let Some(window) = web_sys::window() {
        // A browser without printing does nothing, and there is nothing to be done about it.
        let _ = window.print();
    }
}

/// Offers a text as a file to download.
pub fn download(name: &str, text: &str) {
    let parts = js_sys::Array::of1(&text.into());
    if let Ok(blob) = web_sys::Blob::new_with_str_sequence(&parts) {
        offer(name, &blob);
    }
}

/// Offers blobs, one after the other, as one file to download.
pub fn download_parts(name: &str, parts: &js_sys::Array) {
    if let Ok(blob) = web_sys::Blob::new_with_blob_sequence(parts) {
        offer(name, &blob);
    }
}

/// Offers a due time as a file for a calendar.
pub fn download_calendar(name: &str, text: &str) {
    let parts = js_sys::Array::of1(&text.into());
    let settings = js_sys::Object::new();
    // Setting a property of a fresh object can't fail.
    let _ = js_sys::Reflect::set(
        &settings,
        &"type".into(),
        &"text/calendar;charset=utf-8".into(),
    );
    let class = js_sys::Reflect::get(&js_sys::global(), &"Blob".into());
    let made = class.and_then(|class| {
        let arguments = js_sys::Array::of2(&parts, &settings);
        js_sys::Reflect::construct(class.unchecked_ref::<js_sys::Function>(), &arguments)
    });
    if let Ok(blob) = made {
        offer(name, blob.unchecked_ref());
    }
}

/// Offers bytes as a file to download.
pub fn offer(name: &str, blob: &web_sys::Blob) {
    let Ok(url) = web_sys::Url::create_object_url_with_blob(blob) else {
        return;
    };
    let anchor = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.create_element("a").ok())
        .and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(anchor) = anchor {
        // Both are plain attributes of a fresh element.
        let _ = anchor.set_attribute("href", &url);
        let _ = anchor.set_attribute("download", name);
        anchor.click();
    }
    let _ = web_sys::Url::revoke_object_url(&url);
}

/// A channel between the tabs of one account; it is closed when dropped.
pub struct Channel {
    channel: BroadcastChannel,
    _listener: Listener,
}

impl Channel {
    /// Opens the channel of a name; `heard` is called with what other tabs say.
    pub fn open(name: &str, heard: impl Fn(String) + 'static) -> Option<Channel> {
        let channel = BroadcastChannel::new(name).ok()?;
        let listener = listen(&channel, "message", move |event| {
            let said = event
                .dyn_ref::<MessageEvent>()
                .and_then(|message| message.data().as_string());
            heard(said.unwrap_or_default());
        });
        Some(Channel {
            channel,
            _listener: listener,
        })
    }

    /// Says something to the other tabs.
    pub fn say(&self, what: &str) {
        // A closed channel has nobody to say it to.
        let _ = self.channel.post_message(&what.into());
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.channel.close();
    }
}
