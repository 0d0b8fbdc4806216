// What the widget costs a page before somebody uses it, how soon its form is there, and how often
// several fetch the program; the peer and the full page in the same run.

const ROUNDS = 7;
const port = location.port;
const lines = [];
const say = (name, value = '') => lines.push(`${name.padEnd(62)}${value}`);
const number = (value) => Math.round(value).toLocaleString('en');
const pause = (millis) => new Promise((end) => setTimeout(end, millis));
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const PATIENCE = 60_000;

async function until(what, find) {
  const end = performance.now() + PATIENCE;
  for (;;) {
    const found = await find();
    if (found) return found;
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await pause(5);
  }
}

function show(address) {
  const frame = document.createElement('iframe');
  frame.style.cssText = 'inline-size: 1200px; block-size: 800px; border: 0';
  frame.src = address;
  document.body.replaceChildren(frame);
  return frame;
}

// ---- Before anybody uses it ----

async function before(page) {
  const frame = show(`/bench/${page}.html`);
  await new Promise((end) => frame.addEventListener('load', end, { once: true }));
  // Whatever it does by itself it has begun by now.
  await pause(1_500);
  const { performance: its, suffered } = frame.contentWindow;
  const files = its.getEntriesByType('resource').filter(({ name }) => !name.endsWith('watch.js'));
  return {
    files: files.length,
    bytes: files.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
    tasks: suffered.tasks.length,
    blocked: suffered.tasks.reduce((sum, duration) => sum + duration, 0),
    shift: suffered.shift,
  };
}

async function idle() {
  const found = { ours: [], theirs: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const page of ['ours', 'theirs']) found[page].push(await before(page));
  }
  // What is cached weighs nothing, so of bytes the first round counts.
  const of = (page, what) => {
    const values = found[page].map((one) => one[what]);
    return what === 'bytes' ? values[0] : median(values);
  };
  const both = (what) => `${number(of('ours', what))}, ${number(of('theirs', what))}`;
  say('before anybody uses it', 'widget, @pagefind/component-ui');
  say('  bytes of scripts and styles, Brotli', both('bytes'));
  say('  requests', both('files'));
  say('  long tasks, and their milliseconds', `${both('tasks')}; ${both('blocked')}`);
  say('  layout shift', `${of('ours', 'shift').toFixed(3)}, ${of('theirs', 'shift').toFixed(3)}`);
  say('  widget : peer in bytes (goal 0.15)', (of('ours', 'bytes') / of('theirs', 'bytes')).toFixed(3));
}

// ---- From the click to the form ----

let usable;
addEventListener('message', ({ data }) => data === 'usable' && usable?.(performance.now()));
const untilUsable = () =>
  new Promise((end, failed) => {
    usable = end;
    setTimeout(() => failed(new Error('waited in vain for the form')), PATIENCE);
  });

// Each round has origins of its own, so that nothing is cached, and no service worker is there.
async function full(round) {
  const end = untilUsable();
  const start = performance.now();
  show(`http://full-${round}.localhost:${port}/new`);
  return (await end) - start;
}

async function widget(round, mode) {
  const portal = mode === 'frame' ? `http://portal-${round}.localhost:${port}` : location.origin;
  const frame = show(`/bench/host.html?mode=${mode}&portal=${encodeURIComponent(portal)}`);
  const button = await until('the widget', () =>
    frame.contentDocument?.querySelector('casement-portal')?.shadowRoot?.querySelector('button'));
  await pause(300);
  const end = untilUsable();
  const start = performance.now();
  button.click();
  return (await end) - start;
}

async function click() {
  const took = { page: [], frame: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    took.page.push(await full(round));
    took.frame.push(await widget(round, 'frame'));
  }
  const [page, frame] = [median(took.page), median(took.frame)];
  say('until the first question can be answered, nothing cached', 'milliseconds');
  say('  the full page, from its address', number(page));
  say('  the widget in its frame, from the click', number(frame));
  say('  widget : full page', (frame / page).toFixed(2));
}

// ---- Several on one page ----

const sent = async (file) => (await (await fetch('/sent')).json())[file] ?? 0;

async function several(mode, portal) {
  const file = '/casement_bg.wasm';
  const before = await sent(file);
  const frame = show(`/bench/host.html?mode=${mode}&load=eager&count=4&portal=${encodeURIComponent(portal)}`);
  let ready = 0;
  await until('the page', () => frame.contentDocument?.querySelectorAll('casement-portal').length === 4);
  frame.contentWindow.addEventListener('casement-ready', () => (ready += 1));
  await until('four portals', () => ready === 4);
  return (await sent(file)) - before;
}

async function downloads() {
  const frames = await several('frame', `http://four.localhost:${port}`);
  const inline = await several('inline', location.origin);
  say('four on one page: downloads of the program (goal 1)', 'frame, inline');
  say('  casement_bg.wasm', `${frames}, ${inline}`);
}

idle()
  .then(click)
  .then(downloads)
  .then(() => lines.join('\n'), (error) => `failed: ${error?.stack ?? error}\n${lines.join('\n')}`)
  .then((body) => fetch('/result', { method: 'POST', body }));
