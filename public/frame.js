// The portal in a frame of its own origin on somebody's page.
//
// The page connects once it has loaded the frame: with the nonce that only it and the frame's address
// know, from an origin that portal.json names, and with a port on which all else is said. The page is
// told that something happened and which record it made, never what was written. Who signs in does so
// in a window of this origin, which hands the sign-in over to this frame alone.

import { allows, message } from './frame-messages.js';
import { mount } from './mount.js';

const nonce = location.hash.slice(1);
const place = `casement.place.${nonce}`;
const signInNonce = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
const signIn = `/hand-over.html#${signInNonce}`;
const element = document.querySelector('casement-portal');
const deployment = fetch('/portal.json').then((answer) => answer.json());

// The frames of one page share their sign-in.
const others = new BroadcastChannel('casement-frames');
others.onmessage = () => mounted?.look_again('');

let port, mounted, resizing;

const say = (what) => port.postMessage({ casement: 1, nonce, ...what });

async function connect(event) {
  if (port || event.source !== parent || event.ports.length !== 1) return;
  const said = message(event.data, nonce);
  if (said?.type !== 'connect') return;
  const { embed } = await deployment;
  if (port || (event.origin !== location.origin && !allows(embed?.origins, event.origin))) return;
  [port] = event.ports;
  port.onmessage = hear;
  say({ type: 'hello' });
  dress(said.settings);
  try {
    await begin(said.settings);
  } catch (error) {
    console.error('casement:', error);
    say({ type: 'failed' });
  }
}

async function begin(settings) {
  const root = element.attachShadow({ mode: 'open' });
  const inside = document.createElement('div');
  root.append(inside);
  const host = { tell, ask, signIn };
  const support = settings.support || ((await deployment).embed?.support ?? '');
  mounted = await mount(inside, { ...settings, support, mode: 'frame', routing: 'memory', place: remembered() }, host);
  resizing = new ResizeObserver(() => {
    const app = inside.firstElementChild;
    if (app) say({ type: 'size', height: Math.ceil(app.getBoundingClientRect().height) });
  });
  resizing.observe(inside);
}

function hear({ data }) {
  const said = message(data, nonce);
  if (said?.type === 'set') {
    dress(said.settings);
    mounted?.set(JSON.stringify(said.settings));
  }
  if (said?.type === 'ask') {
    if (said.what === 'prefill') mounted?.prefill(JSON.stringify(said.value));
    else mounted?.sign_out();
    say({ type: 'answer', id: said.id });
  }
}

function dress({ look, fit }) {
  element.toggleAttribute('fit', fit);
  const style = document.documentElement.style;
  for (const name of [...style]) style.removeProperty(name);
  for (const [name, value] of Object.entries(look)) style.setProperty(`--casement-${name}`, value);
}

// What the portal tells. Where one is stays here: it would say what somebody reads and looks for.
function tell(name, detail) {
  const told = JSON.parse(detail);
  if (name === 'place') remember(told.path);
  else say({ type: 'event', name, detail: told });
}

// A frame that is moved in its page loads again, and goes on where it was.
function remember(path) {
  try {
    sessionStorage.setItem(place, path);
  } catch {
    // Where nothing may be kept, it begins at the beginning.
  }
}

function remembered() {
  try {
    return sessionStorage.getItem(place) ?? '';
  } catch {
    return '';
  }
}

// A window opens only for a click, so this must not wait for anything.
function ask(what) {
  if (what !== 'sign-in') return false;
  return open(signIn, '_blank', 'popup,width=520,height=760') !== null;
}

async function signedIn({ source, origin, data }) {
  if (!source || origin !== location.origin || data?.casement !== 1 || data.type !== 'hand-over') return;
  if (data.nonce !== signInNonce || !mounted) return;
  if (typeof data.returned === 'string') return mounted.look_again(data.returned);
  if (typeof data.code !== 'string') return;
  const { api } = await deployment;
  await fetch(`${api}/session/redeem`, {
    method: 'POST',
    credentials: 'include',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ code: data.code, nonce: signInNonce }),
  });
  mounted.look_again('');
  others.postMessage('signed-in');
}

if (parent === window) {
  // Somebody opened a link of the frame in a tab of its own.
  location.replace(nonce.startsWith('/') ? nonce : '/');
} else {
  addEventListener('message', (event) => {
    connect(event).catch(console.error);
    signedIn(event).catch(console.error);
  });
  addEventListener('keydown', (event) => {
    const open = element.shadowRoot?.querySelector('dialog[open], details[open].menu');
    if (event.key === 'Escape' && !event.defaultPrevented && !open && port) say({ type: 'close' });
  });
}
