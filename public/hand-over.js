// The window in which a frame of this portal on somebody's page is signed in.
//
// Its address carries the nonce of the frame that opened it. Whoever is signed in here and agrees gets
// a code from the backend that holds once, for a minute and for that nonce, and it is told to the
// opener only if that is a document of this origin. Where people sign in at a provider, it is what they
// came back with that is told, and the frame alone gets the tokens for it.

import { mount } from './mount.js';

const nonce = location.hash.slice(1);

async function handOver() {
  if (!opener || !/^[0-9a-f]{32}$/.test(nonce)) return false;
  const { api } = await (await fetch('/portal.json')).json();
  const ask = (path, init) => fetch(`${api}${path}`, { credentials: 'include', cache: 'no-store', ...init });
  const { csrf } = await (await ask('/session')).json();
  const answer = await ask('/session/hand-over', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf ?? '' },
    body: JSON.stringify({ nonce }),
  });
  if (!answer.ok) return false;
  const { code } = await answer.json();
  say({ code });
  return true;
}

function say(what) {
  opener.postMessage({ casement: 1, type: 'hand-over', nonce, ...what }, location.origin);
  close();
}

const tell = (name, returned) => name === 'signed-in' && say({ returned });
const host = { tell, ask: (what) => (what === 'hand-over' ? handOver().catch(() => false) : false) };
// Opened by nobody, there is nothing to hand over to: then it is the portal itself that is wanted.
if (!opener) location.replace('/');
const element = document.querySelector('casement-portal');
const inside = document.createElement('div');
element.attachShadow({ mode: 'open' }).append(inside);
try {
  // A portal goes with its handle.
  element.portal = await mount(inside, { mode: 'hand-over', routing: 'memory' }, host);
} catch (error) {
  console.error('casement:', error);
  inside.textContent = 'The sign-in could not be started. サインインを開始できませんでした。无法开始登录。';
}
