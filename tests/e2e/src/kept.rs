//! What a browser keeps of the portal, wherever that may be, for tests of what must not be there.

use crate::portal::Portal;

/// Goes through the address, what stands in the document, the window's own variables as deep as a
/// script can reach them, and every kind of storage.
const EVERYTHING: &str = r"
const found = [location.href, document.title, document.cookie, JSON.stringify({ ...localStorage }),
  JSON.stringify({ ...sessionStorage }), JSON.stringify(history.state), window.name,
  document.documentElement.outerHTML, root.innerHTML];
for (const one of [...all('input, textarea, select')]) found.push(one.value);
const been = new Set();
const look = (value, depth) => {
  if (typeof value === 'string') found.push(value);
  const inside = value !== null && (typeof value === 'object' || typeof value === 'function');
  if (!inside || depth > 4 || been.has(value) || value instanceof Node) return;
  been.add(value);
  for (const name of Object.getOwnPropertyNames(value)) {
    // A browser's own getters make much of being asked of the wrong object, and hold nothing of ours.
    const own = Object.getOwnPropertyDescriptor(value, name);
    if (own && 'value' in own) look(own.value, depth + 1);
  }
};
look(window, 0);
look(host, 2);
for (const one of performance.getEntries()) found.push(one.name);
for (const { name } of await indexedDB.databases()) {
  found.push(name);
  const database = await new Promise((resolve, reject) => {
    const request = indexedDB.open(name);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  for (const store of database.objectStoreNames) {
    const every = database.transaction(store).objectStore(store).getAll();
    found.push(await new Promise((resolve) => {
      every.onsuccess = () => resolve(JSON.stringify(every.result));
    }));
  }
  database.close();
}
for (const name of await caches.keys()) {
  const cache = await caches.open(name);
  for (const request of await cache.keys()) {
    const answer = await cache.match(request);
    const headers = [...(answer?.headers ?? [])].join('\n');
    found.push(name, request.url, headers);
    // The portal's own files are the same for everybody; whatever came from an API would be here.
    if (/json/.test(headers)) found.push(await answer.text());
  }
}
return found.join('\n');
";

/// Everything that a script on the portal's page can find, as one text.
pub async fn everything_kept(portal: &Portal) -> String {
    let found = portal.eval_later(EVERYTHING).await;
    let found = found.as_str().unwrap_or_default().to_string();
    assert!(
        !found.starts_with("failed: "),
        "the search did not end: {found}"
    );
    found
}
