// What is left after elements were added and removed: the script heap after collecting garbage, and
// for a part of the page the program's memory, too.

const [FEW, MANY] = [5, 100];
const lines = [];
const say = (name, value = '') => lines.push(`${name.padEnd(62)}${value}`);
const kilobytes = (bytes) => `${Math.round(bytes / 1_024).toLocaleString('en')} KB`;
const pause = (millis) => new Promise((end) => setTimeout(end, millis));

// The program's memory is not in the heap, so its owner is noted when it begins.
const memories = [];
const plain = WebAssembly.instantiateStreaming;
WebAssembly.instantiateStreaming = async (...given) => {
  const made = await plain.apply(WebAssembly, given);
  memories.push(...Object.values(made.instance.exports).filter((one) => one instanceof WebAssembly.Memory));
  return made;
};

async function measured() {
  // Some garbage is only found when other garbage has gone.
  for (let round = 0; round < 6; round += 1) {
    gc();
    await pause(100);
  }
  const program = memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
  return { heap: performance.memory.usedJSHeapSize, program };
}

async function once(mode) {
  const element = document.createElement('casement-portal');
  Object.assign(element, { mode, load: 'eager', lang: 'en' });
  await new Promise((end, failed) => {
    element.addEventListener('casement-ready', end, { once: true });
    element.addEventListener('casement-error', ({ detail }) => failed(new Error(detail.reason)), { once: true });
    document.body.append(element);
  });
  element.remove();
  await pause(20);
}

async function grown(mode) {
  for (let round = 0; round < FEW; round += 1) await once(mode);
  const few = await measured();
  for (let round = FEW; round < MANY; round += 1) await once(mode);
  const many = await measured();
  say(`  ${mode}: heap after ${FEW}, after ${MANY}`, `${kilobytes(few.heap)}, ${kilobytes(many.heap)}`);
  say(`  ${mode}: ${MANY} : ${FEW} (goal 1.05)`, (many.heap / few.heap).toFixed(3));
  if (mode === 'inline') {
    say('  inline: with the memory of the program', ((many.heap + many.program) / (few.heap + few.program)).toFixed(3));
  }
}

async function measure() {
  const mode = new URLSearchParams(location.search).get('mode') ?? 'frame';
  if (mode === 'frame') {
    say('added and removed', '');
    await import(`http://127.0.0.1:${location.port}/embed.js`);
  } else {
    lines.push(...JSON.parse(sessionStorage.getItem('lines')));
    await import('/embed.js');
  }
  await grown(mode);
  if (mode === 'inline') return lines.join('\n');
  // Each mode has a document of its own, since an element is defined once.
  sessionStorage.setItem('lines', JSON.stringify(lines));
  location.search = '?mode=inline';
  return undefined;
}

measure()
  .catch((error) => `failed: ${error?.stack ?? error}\n${lines.join('\n')}`)
  .then((body) => body && fetch('/result', { method: 'POST', body }));
