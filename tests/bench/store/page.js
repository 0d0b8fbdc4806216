// Measures the portal's store and outbox beside raw IndexedDB and two libraries, and typing in the
// portal itself, all in one run of one browser.
import { createCollection, localOnlyCollectionOptions } from '@tanstack/db';
import { startOfflineExecutor } from '@tanstack/offline-transactions';
import Dexie from 'dexie';

const RECORDS = 10_000;
const PAGE = 500;
const OPERATIONS = 1_000;
const CASES = 250;
const KEYS = 200;
const DEBOUNCE = 150;

const lines = [];
const say = (name, value) => lines.push(`${name.padEnd(62)}${value}`);
const number = (value) => Math.round(value).toLocaleString('en');
const pause = (millis) => new Promise((end) => setTimeout(end, millis));
const percentile = (values, share) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];
const ended = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
const complete = (transaction) =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });

// Of several rounds the quickest: what disturbs one only makes it slower.
async function best(rounds, work) {
  let least = Infinity;
  for (let round = 0; round < rounds; round += 1) least = Math.min(least, await work(round));
  return least;
}

async function raw(name) {
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore('records');
  return ended(opening);
}

function cases() {
  const text = (index) => JSON.stringify({
    id: `case-${index}`, number: String(80_000_000 + index), subject: `Sessions drop for case ${index}`,
    description: 'Since this morning sessions end after a few minutes. '.repeat(14),
    status: 'in_progress', severity: String(1 + (index % 4)), policy: 'citrix', created_at: 1_795_000_000_000 + index,
  });
  return Array.from({ length: RECORDS }, (_, index) => text(index));
}

async function bulkLoad(portal) {
  const texts = cases();
  const key = (index) => `case/${String(index).padStart(8, '0')}`;
  const rawLoad = (atOnce) => async (round) => {
    const name = `raw-${atOnce}-${round}`;
    const database = await raw(name);
    const start = performance.now();
    for (let from = 0; from < texts.length; from += atOnce) {
      const transaction = database.transaction('records', 'readwrite', { durability: 'strict' });
      const store = transaction.objectStore('records');
      for (let index = from; index < Math.min(from + atOnce, texts.length); index += 1) {
        store.put(texts[index], key(index));
      }
      await complete(transaction);
    }
    const took = performance.now() - start;
    database.close();
    await ended(indexedDB.deleteDatabase(name));
    return took;
  };
  const dexieLoad = (atOnce) => async (round) => {
    const database = new Dexie(`dexie-${atOnce}-${round}`, { chromeTransactionDurability: 'strict' });
    database.version(1).stores({ records: '' });
    await database.open();
    const start = performance.now();
    for (let from = 0; from < texts.length; from += atOnce) {
      const page = texts.slice(from, from + atOnce);
      await database.records.bulkPut(page, page.map((_, index) => key(from + index)));
    }
    const took = performance.now() - start;
    await database.delete();
    return took;
  };
  say(`bulk load of ${number(RECORDS)} cases of ${texts[0].length} characters, strict`, 'a second');
  for (const atOnce of [PAGE, RECORDS]) {
    const rate = async (load) => (RECORDS / (await best(3, load))) * 1000;
    const ours = await rate((round) => portal.load(`ours-${atOnce}-${round}`, texts, atOnce));
    const plain = await rate(rawLoad(atOnce));
    const dexie = await rate(dexieLoad(atOnce));
    say(`  ${number(atOnce)} in a transaction: the portal's store`, number(ours));
    say('    raw IndexedDB', number(plain));
    say('    Dexie', number(dexie));
    say('    portal : raw (goal 0.75), portal : Dexie', `${(ours / plain).toFixed(2)}, ${(ours / dexie).toFixed(2)}`);
  }
}

// ---- The outbox ----

async function tanstackDrain() {
  let online = false;
  const listeners = new Set();
  const onlineDetector = {
    subscribe: (listener) => (listeners.add(listener), () => listeners.delete(listener)),
    notifyOnline: () => listeners.forEach((listener) => listener()),
    isOnline: () => online,
    dispose: () => listeners.clear(),
  };
  const collection = createCollection(localOnlyCollectionOptions({ id: 'comments', getKey: (one) => one.id }));
  const offline = startOfflineExecutor({
    collections: { comments: collection },
    onlineDetector,
    mutationFns: {
      send: async ({ transaction, idempotencyKey }) => {
        for (const { modified } of transaction.mutations) {
          const answer = await fetch(`/api/cases/${modified.case}/comments`, {
            method: 'POST', cache: 'no-store',
            headers: { 'Content-Type': 'application/json', 'Idempotency-Key': idempotencyKey },
            body: JSON.stringify({ body: modified.text }),
          });
          await answer.json();
        }
      },
    },
  });
  await offline.waitForInit();
  for (let index = 0; index < OPERATIONS; index += 1) {
    const transaction = offline.createOfflineTransaction({ mutationFnName: 'send', autoCommit: false });
    transaction.mutate(() => collection.insert({
      id: crypto.randomUUID(), case: `case-${index % CASES}`,
      text: `Comment ${index}: the sessions drop again since this morning.`,
    }));
    // It resolves when it has been sent.
    Promise.resolve(transaction.commit()).catch(() => {});
  }
  while ((await offline.peekOutbox()).length < OPERATIONS) await pause(20);
  const start = performance.now();
  online = true;
  onlineDetector.notifyOnline();
  while (offline.getPendingCount() > 0) await pause(5);
  const took = performance.now() - start;
  offline.dispose();
  return took;
}

async function drain(portal) {
  const ours = await portal.drain('/api', 'casement-bench', OPERATIONS, CASES);
  const theirs = await tanstackDrain();
  say(`outbox of ${number(OPERATIONS)} operations on ${CASES} cases, 20 ms round trip`, 'milliseconds');
  say('  the portal', number(ours));
  say('  @tanstack/offline-transactions', number(theirs));
  say('  times as fast (goal 3)', (theirs / ours).toFixed(1));
}

// ---- Typing ----

async function until(find) {
  for (let tries = 0; tries < 1_000; tries += 1) {
    const found = find();
    if (found) return found;
    await pause(20);
  }
  throw new Error(`waited in vain for ${find}`);
}

async function rawPut() {
  const database = await raw('raw-put');
  const took = [];
  for (let index = 0; index < KEYS; index += 1) {
    const start = performance.now();
    const transaction = database.transaction('records', 'readwrite', { durability: 'strict' });
    transaction.objectStore('records').put('x'.repeat(1_500), 'draft');
    await complete(transaction);
    took.push(performance.now() - start);
    await pause(40);
  }
  database.close();
  return took;
}

async function typing() {
  const frame = document.createElement('iframe');
  frame.style.cssText = 'inline-size: 1280px; block-size: 900px';
  frame.src = '/';
  document.body.append(frame);
  const page = frame.contentWindow;
  const root = await until(() => page.document.querySelector('casement-portal')?.shadowRoot);
  const one = (selector, words) => () =>
    [...root.querySelectorAll(selector)].find((found) => !words || found.textContent.includes(words));
  (await until(one('.rail-first'))).click();
  (await until(one('main button', 'Citrix'))).click();
  (await until(one('label.choice', 'I have a technical issue'))).querySelector('input').click();
  (await until(one('form button[type=submit]'))).click();
  const field = await until(one('#f-brief'));

  const waiting = [];
  const took = [];
  const plain = page.IDBDatabase.prototype.transaction;
  page.IDBDatabase.prototype.transaction = function (stores, mode, options) {
    const transaction = plain.call(this, stores, mode, options);
    if (mode === 'readwrite' && [...transaction.objectStoreNames].includes('drafts')) {
      const within = waiting.splice(0);
      transaction.addEventListener('complete', () => {
        took.push(...within.map((at) => performance.now() - at));
      });
    }
    return transaction;
  };
  const set = Object.getOwnPropertyDescriptor(page.HTMLTextAreaElement.prototype, 'value').set;
  for (let index = 0; index < KEYS; index += 1) {
    set.call(field, `${field.value}${'abcdefghij '[index % 11]}`);
    waiting.push(performance.now());
    field.dispatchEvent(new page.InputEvent('input', { bubbles: true, composed: true, inputType: 'insertText' }));
    await pause(30 + ((index * 37) % 120));
  }
  await until(() => waiting.length === 0 && took.length >= KEYS);
  frame.remove();
  return took;
}

async function keystrokes() {
  const put = await rawPut();
  const keys = await typing();
  const goal = DEBOUNCE + 2 * percentile(put, 0.95);
  const shown = (values) => `${percentile(values, 0.5).toFixed(1)}, ${percentile(values, 0.95).toFixed(1)}`;
  say(`${KEYS} keystrokes in the portal`, 'p50, p95 in milliseconds');
  say('  raw strict put of a draft', shown(put));
  say('  keystroke until it is durable', shown(keys));
  say(`  goal for p95: ${DEBOUNCE} + 2 × raw put`, goal.toFixed(1));
}

async function measure() {
  const portal = await import('./casement_bench_store.js');
  await portal.default();
  await bulkLoad(portal);
  await drain(portal);
  await keystrokes();
}

measure()
  .then(() => lines.join('\n'), (error) => `failed: ${error?.stack ?? error}\n${lines.join('\n')}`)
  .then((body) => fetch('/result', { method: 'POST', body }));
