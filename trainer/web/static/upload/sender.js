// Sends files piece by piece, and goes on by itself when the line or the server comes back.

import { crc32 } from "./crc32.js";

const TOGETHER = 3;
const LONGEST_REST = 30000;
const MOST_TRIES = 6;

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** A refusal that trying again does not mend; the message is for the person. */
export class Refused extends Error {}

/** Ask the server; wait and ask again while it cannot be reached or is not ready. */
async function ask(url, options, told) {
  let rest = 1000;
  for (let tries = 1; ; tries++) {
    let answer = null;
    try {
      answer = await fetch(url, options);
    } catch {
      // no line: there is no answer
    }
    if (answer?.ok || answer?.status === 409) {
      told(true);
      return answer;
    }
    if (answer && (answer.status === 401 || answer.status === 403)) {
      throw new Refused("You are signed out. Sign in in another tab, then choose the files again.");
    }
    const waits = !answer || answer.status >= 500 || answer.status === 429;
    if (!waits && tries >= MOST_TRIES) throw new Refused((await answer.text()).slice(0, 300));
    if (!waits && answer.status === 404) throw new Refused(await answer.text());
    if (waits) told(false);
    await sleep(waits ? rest : 500);
    rest = Math.min(2 * rest, LONGEST_REST);
  }
}

export class Sender {
  constructor({ url, piece, batch, token, changed }) {
    Object.assign(this, { url, piece, batch, token, changed });
    this.items = [];
    this.waiting = [];
    this.running = 0;
    this.paused = false;
    this.online = true;
  }

  get headers() {
    return { "X-CSRFToken": this.token, "X-Requested-With": "fetch" };
  }

  told = (online) => {
    if (online === this.online) return;
    this.online = online;
    this.changed();
  };

  /** Offer files to the server; those it takes are sent. */
  async add(found) {
    const known = new Set(this.items.filter((i) => i.state !== "failed").map((i) => i.name));
    const fresh = found.filter(({ name }) => !known.has(name));
    for (let at = 0; at < fresh.length; at += this.batch) {
      const some = fresh.slice(at, at + this.batch);
      const items = some.map(({ name, file }) => ({ name, file, state: "offered", received: 0 }));
      this.items.push(...items);
      this.changed();
      try {
        await this.offer(items);
      } catch (fault) {
        for (const item of items) this.fail(item, fault);
      }
      this.go();
    }
  }

  async offer(items) {
    const files = items.map(({ name, file }) => ({
      name,
      size: file.size,
      stamp: String(file.lastModified),
    }));
    const answer = await ask(
      this.url,
      {
        method: "POST",
        headers: { ...this.headers, "Content-Type": "application/json" },
        body: JSON.stringify({ files }),
      },
      this.told,
    );
    if (!answer.ok) throw new Refused(await answer.text());
    const said = (await answer.json()).files;
    items.forEach((item, i) => {
      item.id = said[i].id;
      item.received = said[i].received;
      if (said[i].refused) this.fail(item, new Refused(said[i].refused));
      else if (item.received === item.file.size) {
        item.known = item.state === "offered"; // it had come before this page was opened
        item.state = "whole";
      } else {
        item.state = "waits";
        this.waiting.push(item);
      }
    });
    this.changed();
  }

  fail(item, fault) {
    item.state = "failed";
    item.why = fault.message || "it cannot be read any more";
    this.changed();
  }

  pause(paused) {
    this.paused = paused;
    this.go();
    this.changed();
  }

  go() {
    while (!this.paused && this.running < TOGETHER && this.waiting.length) {
      const item = this.waiting.shift();
      this.running += 1;
      item.state = "goes";
      this.send(item)
        .catch((fault) => this.fail(item, fault))
        .finally(() => {
          this.running -= 1;
          this.go();
        });
    }
    this.changed();
  }

  async send(item) {
    let collisions = 0;
    while (item.received < item.file.size) {
      if (this.paused) {
        item.state = "waits";
        this.waiting.unshift(item);
        return;
      }
      const start = item.received;
      let bytes;
      try {
        const slice = item.file.slice(start, start + this.piece);
        bytes = new Uint8Array(await slice.arrayBuffer());
      } catch {
        throw new Refused("it was changed or moved on your computer; choose it again");
      }
      const answer = await ask(
        `${this.url}/${item.id}?start=${start}`,
        {
          method: "POST",
          headers: {
            ...this.headers,
            "Content-Type": "application/octet-stream",
            "X-Checksum": crc32(bytes),
          },
          body: bytes,
        },
        this.told,
      );
      if (answer.ok) {
        item.received = (await answer.json()).received;
      } else if (++collisions > 20) {
        throw new Refused(await answer.text());
      } else {
        // It stands elsewhere: a piece arrived although its answer did not, or another tab sends.
        await this.offer([item]);
        this.waiting = this.waiting.filter((other) => other !== item);
        if (item.state === "failed" || item.state === "whole") return;
        item.state = "goes";
      }
      this.changed();
    }
    item.state = "whole";
    this.changed();
  }
}
