// Sending one file: digest, question whether it is known, resumable upload, and following it until it is ready.
import * as tus from "tus-js-client";

const PART = 4 * 1024 * 1024;
// A digest needs the whole file in memory; above this the server's own is enough.
const DIGEST_AT_MOST = 256 * 1024 * 1024;
const ASK_AGAIN = 15_000;
// A line that lost its other end says nothing by itself: after so long without a byte the part is begun anew.
const SILENCE = 30_000;

/** Addresses of uploads begun on a shared computer are kept by the page alone and leave with it. */
class Forgetful {
  #kept = new Map();
  async findAllUploads() {
    return [...this.#kept.values()];
  }
  async findUploadsByFingerprint(print) {
    return [...this.#kept.values()].filter((upload) => upload.print === print);
  }
  async removeUpload(key) {
    this.#kept.delete(key);
  }
  async addUpload(print, upload) {
    const urlStorageKey = `${print}:${this.#kept.size}`;
    this.#kept.set(urlStorageKey, { ...upload, print, urlStorageKey });
    return urlStorageKey;
  }
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function digest(file) {
  if (!globalThis.crypto?.subtle || file.size > DIGEST_AT_MOST) return null;
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Sender {
  constructor(desk) {
    this.desk = desk;
    this.words = JSON.parse(desk.dataset.words);
    this.csrf = document.querySelector("meta[name=csrf]")?.content ?? "";
    this.headers = { "X-CSRF-Token": this.csrf, "Accept-Language": document.documentElement.lang };
    this.owner = desk.dataset.owner;
    this.storage = desk.dataset.shared ? new Forgetful() : undefined;
    this.carried = new Set();
    addEventListener("offline", () => {
      for (const row of this.carried) this.cut(row, ASK_AGAIN);
    });
  }

  fingerprint = async (file) => ["mediateka", this.owner, file.name, file.size, file.lastModified].join("|");

  /** Names of files whose sending was cut off by leaving the page, for this person; what is over is forgotten. */
  async begun() {
    if (this.desk.dataset.shared) return [];
    const mine = `tus::mediateka|${this.owner}|`;
    const names = await Promise.all(
      Object.keys(localStorage)
        .filter((key) => key.startsWith(mine))
        .map((key) => this.unfinished(key)),
    );
    return [...new Set(names.filter(Boolean))];
  }

  async unfinished(key) {
    const { uploadUrl, metadata } = JSON.parse(localStorage.getItem(key));
    let answer;
    try {
      answer = await fetch(uploadUrl, { method: "HEAD", headers: { ...this.headers, "Tus-Resumable": "1.0.0" } });
    } catch {
      return metadata?.filename; // no connection: nobody can say that it is over
    }
    const whole = answer.ok && answer.headers.get("Upload-Offset") === answer.headers.get("Upload-Length");
    if (!whole && ![403, 404, 410].includes(answer.status)) return metadata?.filename;
    localStorage.removeItem(key);
    return null;
  }

  async send(row, changed) {
    if (!row.file.size) return this.refuse(row, this.words.reasons.empty);
    try {
      row.show("reading");
      const sha256 = await digest(row.file);
      if (!row.alive) return;
      if (sha256 && (await this.isKnown(row, sha256))) return changed();
      const answer = await this.carry(row, sha256, changed);
      if (answer) await this.follow(row, answer, changed);
    } catch (error) {
      this.explain(row, error);
    } finally {
      this.arrived(row);
    }
    changed();
  }

  async isKnown(row, sha256) {
    const answer = await fetch(this.desk.dataset.check, {
      method: "POST",
      headers: { ...this.headers, "Content-Type": "application/json" },
      body: JSON.stringify({ sha256: [sha256] }),
    });
    // The question only spares a journey: when it cannot be answered, the file is sent and the server decides.
    if (!answer.ok) return false;
    const { held } = await answer.json();
    if (!held[sha256]) return false;
    row.show("known", { link: this.page(held[sha256]) });
    return true;
  }

  page(asset) {
    return this.desk.dataset.page.replace("ID", asset);
  }

  carry(row, sha256, changed) {
    const publish = this.desk.querySelector("input[name=publish]")?.checked;
    // Words for all files, as they stand when this one begins.
    const said = [...this.desk.querySelectorAll(".batch .input")].map(({ name, value }) => [name, value.trim()]);
    return new Promise((done, failed) => {
      let last = { at: performance.now(), bytes: 0 };
      row.upload = new tus.Upload(row.file, {
        endpoint: this.desk.dataset.endpoint,
        chunkSize: PART,
        retryDelays: [0, 500, 1000, 2000, 4000, 8000],
        headers: this.headers,
        fingerprint: this.fingerprint,
        removeFingerprintOnSuccess: true,
        ...(this.storage ? { urlStorage: this.storage } : {}),
        metadata: {
          filename: row.file.name,
          // A copy under another name is another file, though its bytes and its time are the same.
          key: [row.file.size, row.file.lastModified, sha256, row.file.name].join("-").slice(0, 200),
          ...(sha256 ? { sha256 } : {}),
          ...Object.fromEntries(said.filter(([, text]) => text)),
          ...(publish ? { publish: "true" } : {}),
        },
        onProgress: (sent) => {
          const now = performance.now();
          const speed = now > last.at + 200 ? ((sent - last.bytes) / (now - last.at)) * 1000 : 0;
          if (now > last.at + 1000) last = { at: now, bytes: sent };
          if (sent >= row.file.size) row.show("checking");
          else row.progress(sent, speed);
          this.listen(row);
          changed();
        },
        onShouldRetry: (error) => {
          const status = error.originalResponse?.getStatus() ?? 0;
          const again = status === 0 || status >= 500 || status === 423 || status === 409;
          if (again) row.kept();
          return again && status !== 507;
        },
        onSuccess: ({ lastResponse }) => {
          this.arrived(row);
          done(this.receipt(lastResponse));
        },
        onError: (error) => {
          if (error.originalResponse) failed(error);
          else this.wait(row, ASK_AGAIN);
        },
      });
      this.carried.add(row);
      row.quit = () => done(null);
      this.resume(row);
    });
  }

  receipt(response) {
    return { asset: response?.getHeader("Mediateka-Asset"), outcome: response?.getHeader("Mediateka-Outcome") };
  }

  /** Go on, whatever was still under way or waiting for this row. */
  async resume(row) {
    row.unwait?.();
    await row.upload.abort();
    const before = await row.upload.findPreviousUploads();
    if (before.length) row.upload.resumeFromPreviousUpload(before[0]);
    row.upload.start();
  }

  /** No connection: go on as soon as there is one, and look after so many milliseconds. */
  wait(row, milliseconds) {
    row.unwait?.();
    row.kept();
    const again = () => {
      row.unwait();
      if (row.alive && row.state === "paused") this.resume(row);
    };
    const timer = setTimeout(again, milliseconds);
    row.unwait = () => {
      removeEventListener("online", again);
      clearTimeout(timer);
    };
    addEventListener("online", again);
  }

  /** The part under way will not arrive: keep what did and wait. */
  async cut(row, milliseconds) {
    if (row.state !== "sending") return;
    clearTimeout(row.silence);
    await row.upload.abort();
    this.wait(row, milliseconds);
  }

  /** Notice when a row that is being sent falls silent. */
  listen(row) {
    clearTimeout(row.silence);
    if (row.state === "sending") row.silence = setTimeout(() => this.cut(row, 1000), SILENCE);
  }

  arrived(row) {
    clearTimeout(row.silence);
    row.unwait?.();
    this.carried.delete(row);
  }

  stop(row) {
    this.arrived(row);
    row.upload?.abort(true).catch(() => {
      // The server may be away: what was begun there expires by itself.
    });
    row.quit?.();
  }

  async follow(row, { asset, outcome }, changed) {
    const link = this.page(asset);
    if (outcome === "duplicate") return row.show("known", { link });
    row.show("stored", { link });
    changed();
    for (let wait = 300; row.alive; wait = Math.min(wait * 1.5, 5000)) {
      await pause(wait);
      const answer = await fetch(this.desk.dataset.assets.replace("ID", asset), { headers: this.headers });
      if (!answer.ok) continue;
      const { state, reason, visibility } = await answer.json();
      if (state === "ready") {
        row.show("ready", { link, reason: visibility === "published" ? "" : this.words.unpublished });
        row.picture(this.desk.dataset.thumbnail.replace("ID", asset), false);
        return;
      }
      if (state === "attention") return row.show("attention", { link, reason: this.words.reasons[reason] ?? "" });
      row.show("examining", { link });
    }
  }

  /** A refused file is not one that was cut off: nothing of it is kept for later. */
  async forget(row) {
    const storage = this.storage ?? tus.defaultOptions.urlStorage;
    for (const before of await row.upload.findPreviousUploads()) await storage.removeUpload(before.urlStorageKey);
  }

  refuse(row, reason, retry = false) {
    row.show("refused", { reason, retry });
  }

  explain(row, error) {
    const body = error.originalResponse?.getBody() ?? "";
    let problem = {};
    try {
      problem = JSON.parse(body);
    } catch {
      // Not a problem document: a proxy speaks, and only the status is known.
    }
    const { reasons, errors } = this.words;
    if (row.upload && problem.reason) this.forget(row);
    // The file's own fault does not change by sending it again; the house's may.
    const reason = reasons[problem.reason] ?? errors[problem.code] ?? problem.title ?? errors.unavailable;
    this.refuse(row, reason, !problem.reason);
  }
}
