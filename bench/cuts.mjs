// Upload one file with tus-js-client, as the deposit page does; print what became of it as JSON.
// node bench/cuts.mjs FILE ENDPOINT TOKEN
import { createReadStream, statSync } from "node:fs";
import { basename } from "node:path";
import { Upload } from "tus-js-client";

const [path, endpoint, token] = process.argv.slice(2);
const started = Date.now();
let asset = null;
const upload = new Upload(createReadStream(path), {
  endpoint,
  uploadSize: statSync(path).size,
  chunkSize: 4 * 1024 * 1024,
  retryDelays: Array(200).fill(200),
  headers: { Authorization: `Bearer ${token}` },
  metadata: { filename: basename(path) },
  onAfterResponse: (_request, response) => {
    asset = response.getHeader("Mediateka-Asset") ?? asset;
  },
  onError: (error) => {
    console.log(JSON.stringify({ error: String(error) }));
    process.exit(1);
  },
  onSuccess: () => console.log(JSON.stringify({ asset, seconds: (Date.now() - started) / 1000 })),
});
upload.start();
