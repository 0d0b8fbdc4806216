//! What a person does on a page, as one script for each act: every question to the browser's driver
//! costs as much as the act itself, and a bench that waits for its driver kills nothing at work.

use casement_e2e::Portal;
use serde_json::{Value, json};

/// When a page is given up that does not come. It decides nothing that passes.
const PATIENCE: u64 = 25_000;

/// One thing after the other; each waits until what it needs is there. Whoever is asked to sign in
/// over the page does so first.
const HANDS: &str = r"
const [steps, password, patience] = arguments;
const end = Date.now() + patience;
const pause = () => new Promise((go) => setTimeout(go, 15));
const put = (one, text) => {
  const kind = one instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement;
  one.focus();
  Object.getOwnPropertyDescriptor(kind.prototype, 'value').set.call(one, text);
  one.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true, inputType: 'insertText' }));
};
let answered = 0;
const answer = () => {
  const field = find('dialog[open] #sign-in-password');
  if (!field || Date.now() < answered + 1000) return;
  answered = Date.now();
  put(field, password);
  setTimeout(() => find('dialog[open] button[type=submit]')?.click(), 30);
};
const until = async (what, look) => {
  for (;;) {
    answer();
    const found = look();
    if (found) return found;
    if (Date.now() > end)
      throw new Error(`waited in vain for ${what} at ${location.pathname}; the page says: ${page()}`);
    await pause();
  }
};
const all_steps = {
  go: (path) => {
    if (location.pathname === path) return;
    history.pushState(null, '', path);
    dispatchEvent(new PopStateEvent('popstate'));
  },
  see: (selector, words) => until(`${selector} with ${words}`, () => find(selector, words)),
  press: async (selector, words) => {
    const able = () => { const one = find(selector, words); return one && !one.disabled && one; };
    (await until(`${selector} with ${words}`, able)).click();
  },
  mark: async (words) => {
    const one = await until(words, () => find('label.choice', words));
    one.querySelector('input').click();
    await until(`${words} to be chosen`,
      () => find('label.choice', words)?.querySelector('input').checked);
  },
  write: async (selector, text) =>
    put(await until(selector, () => find(selector)), text),
  add: async (selector, text) => {
    const one = await until(selector, () => find(selector));
    put(one, one.value + text);
  },
  choose: async (selector, value) => {
    const list = await until(`${value} in ${selector}`, () => {
      const one = find(selector);
      return one && [...one.options].some((option) => option.value === value) && one;
    });
    list.value = value;
    for (const name of ['input', 'change'])
      list.dispatchEvent(new Event(name, { bubbles: true, composed: true }));
  },
  saved: () => until('the draft to be saved', () => find('.saved')?.dataset.state === 'saved'),
  reach: (selector, way, words) => until(selector, () => {
    if (find(selector)) return true;
    find(way, words)?.click();
    return false;
  }),
  leave: (path) => until(`${path} to be left`, () => location.pathname !== path),
  gone: (selector) => until(`${selector} to go`, () => !find(selector)),
  session: async () => {
    const request = new XMLHttpRequest();
    request.open('GET', '/api/session', false);
    request.send();
    if (JSON.parse(request.responseText).signed_in) return;
    await until('the sign-in', () => answered);
    await until('the sign-in to go', () => !find('dialog[open] #sign-in-password'));
  },
};
for (const [name, ...rest] of steps) await all_steps[name](...rest);
const field = find('#f-description');
return [location.pathname, field ? field.value : null];
";

/// One thing that is done on a page.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step<'a> {
    /// Goes to an address within the portal, as back and forward do.
    Go(&'a str),
    /// Waits for an element, perhaps with words.
    See(&'a str, Option<&'a str>),
    /// Presses an element, perhaps with words.
    Press(&'a str, Option<&'a str>),
    /// Chooses what is marked with these words.
    Mark(&'a str),
    /// Puts a text into a field.
    Write(&'a str, &'a str),
    /// Puts a text behind what stands in a field.
    Add(&'a str, &'a str),
    /// Chooses an entry of a list.
    Choose(&'a str, &'a str),
    /// Waits until the page says that the draft is saved.
    Saved,
    /// Waits for an element, and presses another one with words that leads there.
    Reach(&'a str, &'a str, &'a str),
    /// Waits until another page is there.
    Leave(&'a str),
    /// Waits until an element is gone.
    Gone(&'a str),
    /// Makes sure that somebody is signed in.
    Session,
}

impl Step<'_> {
    fn in_script(self) -> Value {
        match self {
            Step::Go(path) => json!(["go", path]),
            Step::See(selector, words) => json!(["see", selector, words]),
            Step::Press(selector, words) => json!(["press", selector, words]),
            Step::Mark(words) => json!(["mark", words]),
            Step::Write(selector, text) => json!(["write", selector, text]),
            Step::Add(selector, text) => json!(["add", selector, text]),
            Step::Choose(selector, value) => json!(["choose", selector, value]),
            Step::Saved => json!(["saved"]),
            Step::Reach(selector, way, words) => json!(["reach", selector, way, words]),
            Step::Leave(path) => json!(["leave", path]),
            Step::Gone(selector) => json!(["gone", selector]),
            Step::Session => json!(["session"]),
        }
    }
}

/// What stands on the page when all is done.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// Where one is.
    pub(crate) path: String,
    /// What stands in the description, where there is one.
    pub(crate) text: Option<String>,
}

/// Does one thing after the other. What did not work is an error in words.
pub(crate) async fn does(portal: &Portal, steps: &[Step<'_>]) -> Result<Page, String> {
    let steps: Vec<Value> = steps.iter().map(|step| step.in_script()).collect();
    let password = casement_e2e::backend::PASSWORD;
    let arguments = vec![json!(steps), json!(password), json!(PATIENCE)];
    let found = portal.attempt(HANDS, arguments).await?;
    let text = |place: usize| found[place].as_str().map(String::from);
    Ok(Page {
        path: text(0).unwrap_or_default(),
        text: text(1),
    })
}
