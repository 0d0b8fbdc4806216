// The client `tus-js-client` against the backend: an upload that breaks off and goes on, checksums,
// termination. `cargo xtask test tus` runs it and says where the backend is.

import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { Upload, defaultOptions } from 'tus-js-client';

const ADDRESS = process.env.CASEMENT_ADDRESS;
const CASE = 'case-80999701';
const PIECE = 200_000;
const BYTES = Buffer.from(Array.from({ length: 1_100_003 }, (_, n) => (n * 31 + (n >> 8)) % 256));
const hash = (bytes, form) => createHash('sha256').update(bytes).digest(form);

const session = await signIn();

async function signIn() {
  const answer = await fetch(`${ADDRESS}/api/session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ login: 'sato@hokuto-systems.example', password: 'casement' }),
  });
  const { csrf } = await answer.json();
  const cookie = answer.headers.getSetCookie()[0].split(';')[0];
  return { Cookie: cookie, 'X-CSRF-Token': csrf };
}

const state = async (url) => fetch(url, { headers: session });

/** An upload as the client makes it, with a promise of its end. */
function upload(more) {
  let made;
  const ended = new Promise((resolve, reject) => {
    made = new Upload(BYTES, {
      ...defaultOptions,
      endpoint: `${ADDRESS}/api/cases/${CASE}/uploads`,
      headers: { ...session, 'Idempotency-Key': randomUUID() },
      metadata: { filename: '報告書.bin', filetype: 'text/plain', sha256: hash(BYTES, 'hex') },
      chunkSize: PIECE,
      retryDelays: null,
      onSuccess: resolve,
      onError: reject,
      ...more,
    });
  });
  return { made, ended };
}

/** Begins an upload and breaks it off after a few pieces; gives its address. */
async function breakOff(more) {
  return new Promise((resolve, reject) => {
    const { made, ended } = upload({
      ...more,
      onChunkComplete: (_, accepted) => {
        if (accepted >= 2 * PIECE) made.abort().then(() => resolve(made.url), reject);
      },
    });
    ended.catch(reject);
    made.start();
  });
}

const tests = {
  async 'a file arrives in pieces and its record is there'() {
    const { made, ended } = upload({});
    made.start();
    await ended;
    const { offset, sha256, attachment } = await (await state(made.url)).json();
    assert.equal(offset, BYTES.length);
    assert.equal(sha256, hash(BYTES, 'hex'));
    assert.equal(attachment.name, '報告書.bin');
    assert.equal(attachment.size, BYTES.length);
  },

  async 'an upload in one request that is cut goes on where it stopped'() {
    const url = await new Promise((resolve, reject) => {
      const { made, ended } = upload({
        chunkSize: Infinity,
        onProgress: (sent) => {
          if (sent > 0) made.abort().then(() => resolve(made.url), reject);
        },
      });
      ended.then(() => resolve(made.url), reject);
      made.start();
    });
    // What was under way may still hold the upload for a moment; the client tries again.
    const { made, ended } = upload({ uploadUrl: url, retryDelays: [50, 100, 500, 2000, 6000] });
    made.start();
    await ended;
    const { attachment } = await (await state(url)).json();
    assert.equal(attachment.sha256, hash(BYTES, 'hex'));
  },

  async 'an upload that was broken off goes on where it stopped'() {
    const url = await breakOff({});
    const { offset } = await (await state(url)).json();
    assert.ok(offset >= 2 * PIECE && offset < BYTES.length, `${offset}`);
    let first = null;
    const { made, ended } = upload({
      uploadUrl: url,
      retryDelays: [50, 100, 500, 2000, 6000],
      onProgress: (sent) => (first ??= sent),
    });
    made.start();
    await ended;
    assert.equal(made.url, url);
    assert.ok(first >= 2 * PIECE, `it began again at ${first}`);
    const { attachment } = await (await state(url)).json();
    assert.equal(attachment.sha256, hash(BYTES, 'hex'));
  },

  async 'the same key leads to the same upload'() {
    const headers = { ...session, 'Idempotency-Key': randomUUID() };
    const url = await breakOff({ headers });
    const { made, ended } = upload({ headers });
    made.start();
    await ended.catch((error) => {
      // It believes to begin at 0, and is told where the upload stands.
      assert.equal(error.originalResponse.getStatus(), 409);
    });
    assert.equal(made.url, url);
  },

  async 'a piece with a wrong checksum is refused and with the right one taken'() {
    const checked = (wrong) => ({
      onBeforeRequest: (request) => {
        if (request.getMethod() !== 'PATCH') return;
        const from = Number(request.getHeader('Upload-Offset'));
        const piece = BYTES.subarray(from, from + PIECE);
        const sum = hash(wrong ? piece.subarray(1) : piece, 'base64');
        request.setHeader('Upload-Checksum', `sha256 ${sum}`);
      },
    });
    const wrong = upload(checked(true));
    wrong.made.start();
    await assert.rejects(wrong.ended, (error) => error.originalResponse.getStatus() === 460);
    assert.equal((await (await state(wrong.made.url)).json()).offset, 0);
    const right = upload({ ...checked(false), uploadUrl: wrong.made.url });
    right.made.start();
    await right.ended;
    const { attachment } = await (await state(wrong.made.url)).json();
    assert.equal(attachment.sha256, hash(BYTES, 'hex'));
  },

  async 'a terminated upload is gone'() {
    const url = await breakOff({});
    await Upload.terminate(url, { ...defaultOptions, headers: session, retryDelays: null });
    assert.equal((await state(url)).status, 404);
  },
};

let failed = 0;
for (const [name, test] of Object.entries(tests)) {
  try {
    await test();
    console.log(`test ${name} ... ok`);
  } catch (error) {
    failed += 1;
    console.log(`test ${name} ... FAILED`);
    console.error(error);
  }
}
const passed = Object.keys(tests).length - failed;
console.log(`test result: ${passed} passed; ${failed} failed;`);
process.exitCode = failed ? 1 : 0;
