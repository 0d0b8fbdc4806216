//! The portal as a person meets it: found through the element's open shadow root, by what is written
//! on it, and waited for by conditions.

use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};
use thirtyfour::{WebDriver, WebElement};

use crate::patience::{PATIENCE, PAUSE, in_vain};

/// What every script can use: the shadow root, and a search for what can be seen.
const PRELUDE: &str = r"
const host = document.querySelector('casement-portal');
const root = host && host.shadowRoot;
const tidy = (text) => text.replace(/\s+/g, ' ').trim();
const all = (selector) => root ? [...root.querySelectorAll(selector)] : [];
const seen = (one) => one.getClientRects().length > 0
    && getComputedStyle(one).visibility !== 'hidden';
const find = (selector, words) => {
  const some = all(selector).filter(seen);
  if (words == null) return some[0] ?? null;
  const of = (one) => tidy(one.getAttribute('aria-label') ?? one.textContent);
  return some.find((one) => of(one) === words)
      ?? some.find((one) => of(one).includes(words)) ?? null;
};
const page = () => tidy(root ? [...root.children].map((one) => one.innerText).join(' ')
                             : document.body.innerText);
";

/// Listens to what the page complains about, for engines whose drivers keep no log.
const LISTEN: &str = r"
if (!window.complaints) {
  window.complaints = [];
  const note = (what) => window.complaints.push(what);
  addEventListener('error', (event) => note('error: ' + event.message));
  addEventListener('unhandledrejection', (event) => note('rejection: ' + event.reason));
  document.addEventListener('securitypolicyviolation', (event) =>
    note('policy: ' + event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample));
  const plain = console.error;
  console.error = (...words) => { note('console: ' + words.join(' ')); plain(...words); };
}
";

/// The portal in a browser.
#[derive(Clone, Debug)]
pub struct Portal {
    session: WebDriver,
    origin: String,
    types_by_script: bool,
}

impl Portal {
    /// The portal of an origin.
    pub fn new(session: WebDriver, origin: String, types_by_script: bool) -> Portal {
        Portal {
            session,
            origin,
            types_by_script,
        }
    }

    /// The session, for what is about the browser and not about the page.
    pub fn session(&self) -> &WebDriver {
        &self.session
    }

    /// Opens an address of the portal, such as `/cases`, and waits until something is there.
    pub async fn open(&self, path: &str) {
        let url = format!("{}{path}", self.origin);
        if let Err(error) = self.session.goto(&url).await {
            in_vain(format!("{url} to open: {error}"));
        }
        self.arrived().await;
    }

    /// Loads the page again.
    pub async fn reload(&self) {
        if let Err(error) = self.session.refresh().await {
            in_vain(format!("the page to load again: {error}"));
        }
        self.arrived().await;
    }

    async fn arrived(&self) {
        let _ = self.session.execute(LISTEN, Vec::new()).await;
        self.until(
            "the portal to appear",
            "return all('h1').some(seen);",
            Vec::new(),
        )
        .await;
    }

    /// What engines without a log have complained about on this page.
    pub async fn complaints(&self) -> Vec<String> {
        let found = self
            .try_eval("return window.complaints ?? [];", Vec::new())
            .await
            .unwrap_or_default();
        let found = found.as_array().cloned().unwrap_or_default();
        let text = |one: Value| one.as_str().map(String::from);
        found.into_iter().filter_map(text).collect()
    }

    async fn try_eval(&self, script: &str, arguments: Vec<Value>) -> Option<Value> {
        let script = format!("{PRELUDE}{script}");
        let answer = self.session.execute(script, arguments).await;
        answer.ok().map(|answer| answer.json().clone())
    }

    /// Runs a script on the page and returns what it returns.
    pub async fn eval(&self, script: &str, arguments: Vec<Value>) -> Value {
        let full = format!("{PRELUDE}{script}");
        match self.session.execute(full, arguments).await {
            Ok(answer) => answer.json().clone(),
            Err(error) => panic!("the script failed: {error}\n{script}"),
        }
    }

    /// Runs a script that may await, and returns what it returns.
    pub async fn eval_later(&self, script: &str) -> Value {
        let full = format!(
            "const done = arguments[arguments.length - 1];
             (async () => {{ {PRELUDE}{script} }})().then(done, (error) => done('failed: ' + error));"
        );
        match self.session.execute_async(full, Vec::new()).await {
            Ok(answer) => answer.json().clone(),
            Err(error) => panic!("the script failed: {error}\n{script}"),
        }
    }

    /// Runs a script that may await, and returns what it returns; an error is what it threw, or why
    /// it could not run.
    pub async fn attempt(&self, script: &str, arguments: Vec<Value>) -> Result<Value, String> {
        let full = format!(
            "const done = arguments[arguments.length - 1];
             (async () => {{ {PRELUDE}{script} }})().then(
               (value) => done({{ value: value ?? null }}), (error) => done({{ error: String(error) }}));"
        );
        let answer = self.session.execute_async(full, arguments).await;
        let answer = answer.map_err(|error| error.to_string())?;
        let mut answer = answer.json().clone();
        match answer["error"].as_str() {
            Some(error) => Err(error.to_string()),
            None => Ok(answer["value"].take()),
        }
    }

    /// Waits until a script returns something, and returns it; an empty list is nothing.
    pub async fn until(&self, what: &str, script: &str, arguments: Vec<Value>) -> Value {
        let end = Instant::now() + PATIENCE;
        loop {
            // While a page loads there is nothing to ask; then it is asked again.
            let found = self.try_eval(script, arguments.clone()).await;
            let found = found.unwrap_or_default();
            let nothing = [json!(null), json!(false), json!(""), json!(0), json!([])];
            if !nothing.contains(&found) {
                return found;
            }
            if Instant::now() > end {
                let page = self.text().await;
                in_vain(format!("{what}; the page says:\n{page}"));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Everything that can be read on the page.
    pub async fn text(&self) -> String {
        let text = self.try_eval("return page();", Vec::new()).await;
        let text = text.and_then(|text| text.as_str().map(String::from));
        text.unwrap_or_default()
    }

    /// Waits until words can be read on the page.
    pub async fn see(&self, words: &str) {
        let script = "return page().includes(arguments[0]);";
        self.until(&format!("“{words}”"), script, vec![json!(words)])
            .await;
    }

    /// Waits until words can't be read on the page any more.
    pub async fn see_no_more(&self, words: &str) {
        let script = "return !page().includes(arguments[0]);";
        self.until(&format!("“{words}” to go"), script, vec![json!(words)])
            .await;
    }

    /// Waits for an element with words, and returns all of its text.
    pub async fn read(&self, selector: &str, words: Option<&str>) -> String {
        let script = "const one = find(...arguments); return one && tidy(one.innerText);";
        let what = format!("{selector} with {words:?}");
        let text = self
            .until(&what, script, vec![json!(selector), json!(words)])
            .await;
        text.as_str().unwrap_or_default().to_string()
    }

    /// Waits for the page whose heading is this.
    pub async fn heading(&self, words: &str) {
        self.read("h1", Some(words)).await;
    }

    /// Whether an element can be seen at this moment.
    pub async fn has(&self, selector: &str, words: Option<&str>) -> bool {
        let script = "return find(...arguments) !== null;";
        let arguments = vec![json!(selector), json!(words)];
        self.eval(script, arguments).await == json!(true)
    }

    /// How many elements can be seen at this moment.
    pub async fn count(&self, selector: &str) -> u64 {
        let script = "return all(arguments[0]).filter(seen).length;";
        let count = self.eval(script, vec![json!(selector)]).await;
        count.as_u64().unwrap_or(0)
    }

    /// Waits until this many elements can be seen.
    pub async fn until_count(&self, selector: &str, count: u64) {
        let script = "return all(arguments[0]).filter(seen).length === arguments[1];";
        let arguments = vec![json!(selector), json!(count)];
        self.until(&format!("{count} of {selector}"), script, arguments)
            .await;
    }

    /// Waits for an element.
    pub async fn element(&self, selector: &str, words: Option<&str>) -> WebElement {
        let end = Instant::now() + PATIENCE;
        let script = format!("{PRELUDE}return find(...arguments);");
        loop {
            let arguments = vec![json!(selector), json!(words)];
            if let Ok(answer) = self.session.execute(script.as_str(), arguments).await
                && let Ok(element) = answer.element()
            {
                return element;
            }
            if Instant::now() > end {
                let page = self.text().await;
                in_vain(format!("{selector} with {words:?}; the page says:\n{page}"));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Clicks on what bears these words.
    pub async fn click(&self, selector: &str, words: &str) {
        self.press(selector, Some(words)).await;
    }

    /// Clicks on an element.
    pub async fn press(&self, selector: &str, words: Option<&str>) {
        let end = Instant::now() + PATIENCE;
        loop {
            // It may have been replaced, or something may lie over it, for a moment.
            let element = self.element(selector, words).await;
            // In the middle nothing that sticks to an edge of the window lies over it.
            let middle = "arguments[0].scrollIntoView({ block: 'center', inline: 'nearest' });";
            let argument = element.to_json().unwrap_or_default();
            let _ = self.session.execute(middle, vec![argument]).await;
            let Err(error) = element.click().await else {
                return;
            };
            if Instant::now() > end {
                let page = self.text().await;
                in_vain(format!(
                    "{selector} with {words:?} to be pressed: {error}; the page says:\n{page}"
                ));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Clicks on a button.
    pub async fn button(&self, words: &str) {
        self.click("button, summary", words).await;
    }

    /// Clicks on a link.
    pub async fn link(&self, words: &str) {
        self.click("a", words).await;
    }

    /// Types a text into a control, in place of what is there.
    pub async fn write(&self, selector: &str, text: &str) {
        if self.types_by_script {
            return self.paste(selector, text).await;
        }
        // Drivers begin to type where the text of a control ends, inside a shadow root at least.
        if !self.value(selector).await.is_empty() {
            self.paste(selector, "").await;
        }
        let element = self.element(selector, None).await;
        let typed = element.send_keys(text).await;
        if let Err(error) = typed {
            panic!("{selector} took no text: {error}");
        }
    }

    /// Goes on typing where the text of a control ends.
    pub async fn add(&self, selector: &str, text: &str) {
        let element = self.element(selector, None).await;
        if let Err(error) = element.send_keys(text).await {
            panic!("{selector} took no text: {error}");
        }
    }

    /// Waits until nothing moves or fades any more but what does so without end.
    pub async fn until_still(&self) {
        let script = "return root.getAnimations({ subtree: true })
            .every((one) => one.playState !== 'running'
              || one.effect?.getComputedTiming().iterations === Infinity);";
        self.until("the page to be still", script, Vec::new()).await;
    }

    /// Puts a text into a control at once, as pasting does.
    pub async fn paste(&self, selector: &str, text: &str) {
        self.element(selector, None).await;
        let script = r"
            const one = find(arguments[0]);
            const kind = one instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement;
            one.focus();
            Object.getOwnPropertyDescriptor(kind.prototype, 'value').set.call(one, arguments[1]);
            const how = { bubbles: true, composed: true, inputType: 'insertFromPaste' };
            one.dispatchEvent(new InputEvent('input', how));";
        self.eval(script, vec![json!(selector), json!(text)]).await;
    }

    /// Chooses an entry of a list by its value.
    pub async fn choose(&self, selector: &str, value: &str) {
        let there = "return [...(find(arguments[0])?.options ?? [])].some((o) => o.value === arguments[1]);";
        let arguments = vec![json!(selector), json!(value)];
        self.until(&format!("{value} in {selector}"), there, arguments.clone())
            .await;
        let script = r"
            const list = find(arguments[0]);
            list.focus();
            list.value = arguments[1];
            for (const name of ['input', 'change'])
              list.dispatchEvent(new Event(name, { bubbles: true, composed: true }));";
        self.eval(script, arguments).await;
    }

    /// Has a person choose files.
    pub async fn choose_files(&self, selector: &str, files: &[&Path]) {
        let element = self.element(selector, None).await;
        let names: Vec<String> = files
            .iter()
            .map(|file| file.to_string_lossy().into_owned())
            .collect();
        if let Err(error) = element.send_keys(names.join("\n")).await {
            panic!("{selector} took no file: {error}");
        }
    }

    /// What stands in a control.
    pub async fn value(&self, selector: &str) -> String {
        self.element(selector, None).await;
        let value = self
            .eval("return find(arguments[0]).value;", vec![json!(selector)])
            .await;
        value.as_str().unwrap_or_default().to_string()
    }

    /// Waits until a control holds this.
    pub async fn until_value(&self, selector: &str, value: &str) {
        let script = "return find(arguments[0])?.value === arguments[1];";
        let what = format!("{selector} to hold “{value}”");
        self.until(&what, script, vec![json!(selector), json!(value)])
            .await;
    }

    /// Waits until the focus is on the first element of a selector.
    pub async fn until_focus(&self, selector: &str) {
        let script =
            "return root.activeElement !== null && root.activeElement === find(arguments[0]);";
        let what = format!("the focus on {selector}");
        self.until(&what, script, vec![json!(selector)]).await;
    }

    /// Waits until the page says that everything typed is kept on this device.
    pub async fn until_saved(&self) {
        self.until(
            "the draft to be saved",
            "return find('.saved')?.dataset.state === 'saved';",
            Vec::new(),
        )
        .await;
    }

    /// Where one is.
    pub async fn path(&self) -> String {
        let path = self.eval("return location.pathname;", Vec::new()).await;
        path.as_str().unwrap_or_default().to_string()
    }

    /// Shows the interface in a language.
    pub async fn language(&self, lang: &str) {
        self.choose("[data-control=language]", lang).await;
        let script = "return all('.app')[0]?.getAttribute('lang') === arguments[0];";
        self.until(&format!("the language {lang}"), script, vec![json!(lang)])
            .await;
    }

    /// Shows the interface in light or dark colours.
    pub async fn theme(&self, theme: &str) {
        self.choose("[data-control=theme]", theme).await;
        let script = "return all('.app')[0]?.dataset.theme === arguments[0];";
        self.until(&format!("the theme {theme}"), script, vec![json!(theme)])
            .await;
    }

    /// Gives the page another size, in CSS pixels; `scale` is how many dots each has.
    pub async fn size(&self, width: u32, height: u32, scale: f64) {
        let size = json!({
            "width": width, "height": height, "deviceScaleFactor": scale, "mobile": false,
        });
        let method = "Emulation.setDeviceMetricsOverride";
        if let Err(error) = self.session.cdp().send_raw(method, size).await {
            panic!("the page could not be resized: {error}");
        }
        let script = "return innerWidth === arguments[0];";
        self.until("the new size", script, vec![json!(width)]).await;
    }

    /// Waits until the service worker keeps the portal for times without network.
    pub async fn until_kept_for_offline(&self) {
        self.until(
            "the service worker to keep the portal",
            "return navigator.serviceWorker.controller?.state === 'activated';",
            Vec::new(),
        )
        .await;
    }
}
