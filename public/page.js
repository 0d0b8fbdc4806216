// What only the full page does: it lets the service worker keep the portal for times without
// network, and changes to a newer version only when the person asks for it. `element.js` loads it
// once the portal itself is here.

const policy = globalThis.trustedTypes?.createPolicy('casement', {
  createScriptURL(url) {
    if (url !== '/sw.js') throw new TypeError(`not a script of this portal: ${url}`);
    return url;
  },
});

async function keepForOffline() {
  if (!('serviceWorker' in navigator)) return;
  const kept = navigator.serviceWorker.controller;
  const url = policy ? policy.createScriptURL('/sw.js') : '/sw.js';
  const registration = await navigator.serviceWorker.register(url, { updateViaCache: 'none' });

  const offer = () => {
    if (registration.waiting) window.dispatchEvent(new CustomEvent('casement-update'));
  };
  // The first worker of all has nothing to replace, however long a browser calls it waiting.
  if (kept) offer();
  registration.addEventListener('updatefound', () => {
    if (registration.active) registration.installing?.addEventListener('statechange', offer);
  });

  let asked = false;
  window.addEventListener('casement-use-update', () => {
    asked = true;
    registration.waiting?.postMessage('use-now');
  });
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    if (asked) location.reload();
  });
}

keepForOffline().catch((error) => console.warn('casement: not kept for offline use:', error));
