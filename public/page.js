// What only the full page does: it lets the service worker keep the portal for times without
// network, and changes to a newer version only when the person asks for it. `mount.js` loads it
// once the portal itself is here.

// How often a page that stays open asks for a newer version when it is looked at, in milliseconds.
const PAUSE = 3_600_000;

const policy = globalThis.trustedTypes?.createPolicy('casement', {
  createScriptURL(url) {
    if (url !== '/sw.js') throw new TypeError(`not a script of this portal: ${url}`);
    return url;
  },
});

async function keepForOffline() {
  if (!('serviceWorker' in navigator)) return;
  if (await isSwitchedOff()) return keepNoLonger();
  const workers = navigator.serviceWorker;
  const kept = workers.controller;
  const url = policy ? policy.createScriptURL('/sw.js') : '/sw.js';
  const registration = await workers.register(url, { updateViaCache: 'none' });

  const tell = () => window.dispatchEvent(new CustomEvent('casement-update'));
  const offer = () => {
    if (registration.waiting) tell();
  };
  // The first worker of all has nothing to replace, however long a browser calls it waiting.
  if (kept) offer();
  else workers.ready.then(({ active }) => active?.postMessage({ keep: read() }));
  registration.addEventListener('updatefound', () => {
    if (registration.active) registration.installing?.addEventListener('statechange', offer);
  });

  let asked = false;
  window.addEventListener('casement-use-update', () => {
    asked = true;
    // In another tab it may be in use already.
    if (registration.waiting) registration.waiting.postMessage('use-now');
    else location.reload();
  });
  let controlled = Boolean(kept);
  workers.addEventListener('controllerchange', () => {
    if (asked) location.reload();
    // Somebody asked for it in another tab; here it is for this tab to say when.
    else if (controlled) tell();
    controlled = true;
  });

  let looked = Date.now();
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'visible' || Date.now() < looked + PAUSE) return;
    looked = Date.now();
    // Without network there is no newer version.
    registration.update().catch(() => {});
  });
}

// What this visit has read before there was a worker.
function read() {
  const all = performance.getEntriesByType('resource').map(({ name }) => new URL(name));
  return all.filter(({ origin }) => origin === location.origin).map(({ pathname }) => pathname);
}

// As the operator wants it now, and not as it may be kept.
async function isSwitchedOff() {
  const portal = fetch('/portal.json', { cache: 'no-store' }).then((found) => found.json());
  return portal.then(({ offline }) => offline === false, () => false);
}

async function keepNoLonger() {
  const registration = await navigator.serviceWorker.getRegistration('/');
  await registration?.unregister();
  for (const name of await caches.keys()) {
    if (/^casement-[0-9a-f]{16}$/.test(name)) await caches.delete(name);
  }
}

keepForOffline().catch((error) => console.warn('casement: not kept for offline use:', error));
