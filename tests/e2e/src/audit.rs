//! What axe-core finds on a page, shadow root included, and whether the page is wider than it may be.

use std::fs;
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::environment::tools;
use crate::portal::Portal;

const RUN: &str = r"
const done = arguments[arguments.length - 1];
axe.run(document, {
  runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa',
                                   'best-practice'] },
  resultTypes: ['violations'],
}).then((found) => done(found.violations.flatMap((rule) => rule.nodes.map((node) =>
  rule.id + ': ' + rule.help + ' — ' + node.html.slice(0, 200) + ' — '
    + node.failureSummary.replace(/\s+/g, ' ')))),
  (error) => done(['axe failed: ' + error]));
";

fn script() -> &'static str {
    static SCRIPT: OnceLock<String> = OnceLock::new();
    SCRIPT.get_or_init(|| {
        let path = &tools().axe;
        match fs::read_to_string(path) {
            Ok(script) => script,
            Err(error) => panic!("{} can't be read: {error}", path.display()),
        }
    })
}

/// Everything axe finds on the page as it is now.
pub async fn findings(portal: &Portal) -> Vec<String> {
    let present = portal.eval("return 'axe' in window;", Vec::new()).await;
    if present != json!(true) {
        let session = portal.session();
        if let Err(error) = session.execute(script(), Vec::new()).await {
            panic!("axe could not be brought to the page: {error}");
        }
    }
    let found = match portal.session().execute_async(RUN, Vec::new()).await {
        Ok(found) => found.json().clone(),
        Err(error) => panic!("axe did not come to an end: {error}"),
    };
    let found = found.as_array().cloned().unwrap_or_default();
    let text = |one: Value| one.as_str().map(String::from);
    found.into_iter().filter_map(text).collect()
}

/// What sticks out of the page to the right, if the page can be scrolled sideways.
pub async fn overflow(portal: &Portal) -> Vec<String> {
    let script = r"
        const scroller = document.scrollingElement;
        if (scroller.scrollWidth <= innerWidth) return [];
        const wide = all('*').filter((one) => seen(one)
            && one.getBoundingClientRect().right > innerWidth + 0.5)
          .map((one) => one.tagName + '.' + (one.getAttribute('class') ?? '') + ' “'
            + tidy(one.textContent).slice(0, 40) + '”');
        return ['the page is ' + scroller.scrollWidth + ' wide', ...wide.slice(0, 12)];";
    let found = portal.eval(script, Vec::new()).await;
    let found = found.as_array().cloned().unwrap_or_default();
    let text = |one: Value| one.as_str().map(String::from);
    found.into_iter().filter_map(text).collect()
}
