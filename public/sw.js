// Keeps one complete version of the portal for times without network.
//
// A version is installed as a whole or not at all, and takes over only when no page of the older one
// is open or the person asks for it, so that nobody's work is disturbed. The backend's answers never
// pass through here: what is kept of them is the portal's own business.

const VERSION = '__CASEMENT_VERSION__';
const CACHE = `casement-${VERSION}`;

self.addEventListener('install', (event) => {
  event.waitUntil(
    (async () => {
      const answer = await fetch('/assets.json', { cache: 'no-cache' });
      const { files } = await answer.json();
      const cache = await caches.open(CACHE);
      await cache.addAll(files.map((file) => new Request(file, { cache: 'no-cache' })));
    })(),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) {
        if (name.startsWith('casement-') && name !== CACHE) await caches.delete(name);
      }
      await self.clients.claim();
    })(),
  );
});

self.addEventListener('message', (event) => {
  if (event.data === 'use-now') self.skipWaiting();
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const ours = url.origin === self.location.origin && request.method === 'GET';
  if (!ours || url.pathname.startsWith('/api/') || url.pathname === '/openapi.json') return;
  event.respondWith(answer(request, url));
});

async function answer(request, url) {
  const cache = await caches.open(CACHE);
  // Every address of the portal is the same page; which part of it is shown is the page's decision.
  const isPage = request.mode === 'navigate' && !/\.[a-z0-9]+$/i.test(url.pathname);
  const kept = await cache.match(isPage ? '/index.html' : url.pathname);
  return kept ?? fetch(request);
}
