/* The rows of one tab: bounded, searched, paused. */

const MOST = 10_000;
const MOST_CHARACTERS = 64 * 1024 * 1024;

export class Rows {
  /** `keyOf` names a row, `textOf` is what is searched, `supersedes(new, old)` whether it replaces one of its key. */
  constructor({ keyOf, textOf, supersedes = () => true }) {
    Object.assign(this, { keyOf, textOf, supersedes });
    this.kept = new Map();
    this.backlog = [];
    this.characters = 0;
    this.paused = false;
    this.wanted = "";
    this.changed = () => {};
    this.view = [];
    this.stale = false;
  }

  /** Adds a row, or replaces the one of its key. */
  put(row, size = 0) {
    if (this.paused) {
      this.backlog.push([row, size]);
      if (this.backlog.length > MOST) this.backlog.shift();
    } else {
      this.#keep(row, size);
    }
    this.changed();
  }

  #keep(row, size) {
    const key = this.keyOf(row);
    const before = this.kept.get(key);
    if (before && !this.supersedes(row, before.row)) return;
    this.characters += size - (before?.size ?? 0);
    this.kept.set(key, { row, size, text: null });
    for (const [oldest, { size: freed }] of this.kept) {
      if (this.kept.size <= MOST && (this.characters <= MOST_CHARACTERS || this.kept.size === 1)) break;
      this.kept.delete(oldest);
      this.characters -= freed;
    }
    this.stale = true;
  }

  get(key) {
    return this.kept.get(key)?.row;
  }

  get size() {
    return this.kept.size;
  }

  search(text) {
    this.wanted = text.toLowerCase();
    this.stale = true;
    this.changed();
  }

  pause(paused) {
    this.paused = paused;
    if (!paused) {
      for (const [row, size] of this.backlog) this.#keep(row, size);
      this.backlog = [];
    }
    this.changed();
  }

  clear() {
    this.kept.clear();
    this.backlog = [];
    this.characters = 0;
    this.stale = true;
    this.changed();
  }

  /** The rows that are found, the newest first. */
  found() {
    if (this.stale) {
      this.stale = false;
      const words = this.wanted.split(/\s+/).filter(Boolean);
      this.view = [];
      for (const kept of this.kept.values()) {
        if (words.length > 0) kept.text ??= this.textOf(kept.row).toLowerCase();
        if (words.every((word) => kept.text.includes(word))) this.view.push(kept.row);
      }
      this.view.reverse();
    }
    return this.view;
  }
}
