// Writes FILE.br beside every compressible file of a folder, at the highest
// quality, and prints the compressed sizes as JSON: {"casement.js": 4321, …}.
// Usage: node compress.mjs FOLDER

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

const COMPRESSIBLE = new Set([".js", ".wasm", ".css", ".json", ".html", ".svg", ".webmanifest"]);

const folder = process.argv[2];
const sizes = {};

for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !COMPRESSIBLE.has(extname(entry.name))) continue;
  const file = join(entry.parentPath ?? entry.path, entry.name);
  const plain = readFileSync(file);
  const compressed = brotliCompressSync(plain, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: plain.length,
    },
  });
  writeFileSync(`${file}.br`, compressed);
  sizes[relative(folder, file).split(sep).join("/")] = compressed.length;
}

process.stdout.write(`${JSON.stringify(sizes)}\n`);
