// Keeps one complete version of the portal for times without network.
//
// A version is installed whole or not at all: its list must be of this very version, and what is
// program must be what the list says, so that nothing half published is ever kept. It takes over
// only when no page of the older one is open or a person asks for it; a page of the older one that is
// still open then goes on with the older one's files, which stay until it is closed. What an operator
// changes without building anew (rules, calendars, articles, words) is shown at once as it was kept,
// asked for anew behind that, and there with the next visit. `"offline": false` in portal.json takes
// all of this away again. The backend's answers never pass through here: what is kept of them is the
// portal's own business.

const VERSION = '__CASEMENT_VERSION__';
const CACHE = `casement-${VERSION}`;
const OURS = /^casement-[0-9a-f]{16}$/;
// In a cache: all of the version is there.
const WHOLE = '/.whole';
// In an older version's cache: the pages that still run it.
const PAGES = '/.pages';
const PORTAL = '/portal.json';
const DATA = /^\/(portal\.json$|(policies|backends|calendars|knowledge|locales)\/)/;
// For how long an answer about which version is published is good enough, in milliseconds.
const GOOD_FOR = 10_000;

self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(takeOver()));

self.addEventListener('message', (event) => {
  if (event.data === 'use-now') self.skipWaiting();
  else if (event.data?.keep) event.waitUntil(keepToo(event.data.keep));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const ours = url.origin === self.location.origin && request.method === 'GET';
  if (!ours || url.pathname.startsWith('/api/') || url.pathname === '/openapi.json') return;
  // Every address of the portal is the same page; which part of it is shown is the page's decision.
  const isPage = request.mode === 'navigate' && !/\.[a-z0-9]+$/i.test(url.pathname);
  event.respondWith(answer(event, isPage, url.pathname));
  if (isPage) event.waitUntil(Promise.allSettled([renew(PORTAL), forgetOlder()]));
  else if (DATA.test(url.pathname)) event.waitUntil(Promise.allSettled([renew(url.pathname)]));
});

async function answer(event, isPage, path) {
  // Asking a cache that is gone brings back nothing, and not the cache either.
  const cacheName = isPage ? CACHE : await cacheOf(event.clientId);
  const match = (path) => caches.match(path, { cacheName });
  if (isPage && (await isOfBackend(match, path))) return fetch(event.request);
  if (path === '/manifest.webmanifest') return manifest(match, event.request);
  // A folder with a page of its own is not the portal.
  const own = isPage && path !== '/' && path.endsWith('/') && (await match(`${path}index.html`));
  const kept = own || (await match(isPage ? '/index.html' : path));
  // What is wanted as it is now is asked for, as far as there is anybody to ask.
  if (kept && event.request.cache === 'no-store') return fetch(event.request).catch(() => kept);
  return kept ?? fetch(event.request);
}

// A backend on the same server whose address does not begin with /api/.
async function isOfBackend(match, path) {
  const portal = await match(PORTAL);
  const { api } = portal ? await portal.json() : {};
  return typeof api === 'string' && api.length > 1 && `${path}/`.startsWith(`${api}/`);
}

// The installed app bears the name of the deployment.
async function manifest(match, request) {
  const kept = await match('/manifest.webmanifest');
  const portal = await match(PORTAL);
  if (!kept || !portal) return kept ?? fetch(request);
  const { name } = await portal.json();
  const asked = navigator.languages?.map((lang) => name?.[lang]).find(Boolean);
  const own = typeof name === 'string' ? name : (asked ?? name?.en);
  const whole = await kept.json();
  const named = own ? { ...whole, name: own, short_name: own } : whole;
  return new Response(JSON.stringify(named), {
    headers: { 'Content-Type': 'application/manifest+json' },
  });
}

// ---- Installing ----

async function install() {
  try {
    await keepAll();
  } catch (error) {
    // A full disk above all; the version that is in use stays as it is.
    await caches.delete(CACHE);
    throw error;
  }
}

async function keepAll() {
  const { version, files, sums } = await (await fresh('/assets.json')).json();
  if (version !== VERSION) throw new Error('another version is being published');
  const cache = await caches.open(CACHE);
  await Promise.all(files.map((path) => keepOne(cache, path, sums[path])));
  await cache.put(WHOLE, new Response());
}

async function keepOne(cache, path, sum) {
  const found = await fresh(path);
  // What its operator does not offer may be gone from the server.
  if (!sum && found.status === 404) return;
  if (!found.ok) throw new Error(`${path}: status ${found.status}`);
  if (sum && (await digest(found.clone())) !== sum) throw new Error(`${path} is of another version`);
  if (path === PORTAL && (await isSwitchedOff(found))) throw new Error('offline use is switched off');
  await cache.put(path, plain(found));
}

function fresh(path) {
  return fetch(path, { cache: 'no-cache' });
}

// The answer to a page may not be one that was led elsewhere.
function plain(found) {
  if (!found.redirected) return found;
  return new Response(found.body, { status: found.status, headers: found.headers });
}

async function digest(found) {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', await found.arrayBuffer()));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

// ---- Old and new beside each other ----

async function takeOver() {
  // These were pages of the version before, unless they were known as pages of an older one.
  const here = (await self.clients.matchAll()).map((page) => page.id);
  const older = await olderVersions();
  const known = [...older.values()].flatMap((pages) => pages ?? []);
  const fresh = here.filter((id) => !known.includes(id));
  for (const [name, pages] of older) {
    const left = (pages ?? fresh).filter((id) => here.includes(id));
    if (left.length === 0) await caches.delete(name);
    else await (await caches.open(name)).put(PAGES, new Response(JSON.stringify(left)));
  }
  elders = undefined;
  await self.clients.claim();
}

// The caches of older versions that are whole, with the pages that run them as far as these were
// written down. What an installation left that came to no end goes.
async function olderVersions() {
  const found = new Map();
  for (const name of await caches.keys()) {
    if (!OURS.test(name) || name === CACHE) continue;
    const cache = await caches.open(name);
    const pages = await cache.match(PAGES);
    if (await cache.match(WHOLE)) found.set(name, pages ? await pages.json() : undefined);
    else if (!self.registration.installing) await caches.delete(name);
  }
  return found;
}

let elders;

// From which version's files a page is answered.
async function cacheOf(page) {
  elders ??= olderVersions();
  for (const [name, pages] of await elders) {
    if (pages?.includes(page)) return name;
  }
  return CACHE;
}

async function forgetOlder() {
  const open = await self.clients.matchAll({ includeUncontrolled: true });
  for (const [name, pages] of await olderVersions()) {
    // Without a list it is a newer one that waits.
    if (pages && !open.some(({ id }) => pages.includes(id))) await caches.delete(name);
  }
}

// ---- What an operator changes ----

let asked = { at: -Infinity };

// Whether the server still publishes this version; files of another one are none of this one's.
function isPublished() {
  if (asked.at + GOOD_FOR < performance.now()) {
    const list = fresh('/assets.json').then((found) => found.json());
    const same = list.then(({ version }) => version === VERSION, () => false);
    asked = { at: performance.now(), same };
  }
  return asked.same;
}

async function renew(path) {
  const found = await fresh(path);
  if (path === PORTAL && found.ok && (await isSwitchedOff(found))) return switchOff();
  if (!(await isPublished()) || !(await caches.has(CACHE))) return;
  const cache = await caches.open(CACHE);
  if (found.status === 404) await cache.delete(path);
  if (!found.ok) return;
  // A network's own page, as in a hotel, is no answer.
  await found.clone().json();
  await cache.put(path, plain(found));
}

// What the first visit has read before there was anybody here to keep it.
async function keepToo(paths) {
  for (const path of paths.filter((path) => DATA.test(path))) {
    const kept = await caches.match(path, { cacheName: CACHE });
    if (!kept) await renew(path).catch(() => {});
  }
}

async function isSwitchedOff(portal) {
  return (await portal.clone().json()).offline === false;
}

async function switchOff() {
  await self.registration.unregister();
  for (const name of await caches.keys()) {
    if (OURS.test(name)) await caches.delete(name);
  }
}
