/* A list of any length, of which only the visible rows are elements. Their height is `--row` of the styles. */
import { element, visible } from "./dom.js";

const MARGIN = 8; // rows above and below what is visible

export class List {
  /** `fill(cells, row)` shows a row in its cells; `chosen(row)` is told when one is chosen. */
  constructor(box, space) {
    Object.assign(this, { box, space, rows: [], elements: [], selected: null, kind: null });
    this.top = 0; // where it is scrolled to: to ask the browser would have it lay out the page anew
    box.addEventListener("scroll", () => {
      this.top = box.scrollTop;
      this.draw();
    });
    box.addEventListener("keydown", (event) => this.#key(event));
    box.addEventListener("click", (event) => this.#click(event));
    box.addEventListener("pointerover", ({ target }) => {
      if (target.closest(".row span")) target.title = target.textContent;
    });
    new ResizeObserver(() => {
      this.#measure();
      this.draw();
    }).observe(box);
    this.#measure();
  }

  /** Shows rows of another kind from now on. */
  show(kind) {
    this.kind = kind;
    this.selected = null;
    this.elements = [];
    this.space.replaceChildren();
    this.box.setAttribute("aria-label", kind.title);
    this.#scroll(0);
    this.rows = [];
  }

  /** Other rows. What is looked at stays where it is, unless that is the top. */
  update(rows) {
    const height = this.height;
    const before = Math.floor(this.top / height);
    const first = before > 0 ? this.rows[before] : undefined;
    this.rows = rows;
    const wanted = `${rows.length * height}px`;
    if (this.space.style.height !== wanted) this.space.style.height = wanted;
    if (first) {
      const key = this.kind.keyOf(first);
      const now = rows.findIndex((row, index) => index >= before && this.kind.keyOf(row) === key);
      if (now > before) this.#scroll(this.top + (now - before) * height);
    }
    this.draw();
  }

  #measure() {
    this.height = parseFloat(getComputedStyle(this.box).getPropertyValue("--row")) || 36;
    this.room = this.box.clientHeight;
    this.space.style.height = `${this.rows.length * this.height}px`;
  }

  #scroll(top) {
    this.box.scrollTop = top;
    this.top = top;
  }

  draw() {
    if (!this.kind) return;
    const height = this.height;
    const last = Math.min(this.rows.length, Math.ceil((this.top + this.room) / height) + MARGIN);
    const first = Math.max(0, Math.min(Math.floor(this.top / height), last) - MARGIN);
    while (this.elements.length < last - first) this.#add();
    this.elements.forEach((shown, place) => this.#fill(shown, first + place < last ? first + place : -1, height));
  }

  #add() {
    const cells = this.kind.columns.map(({ name }) => element("span", { class: name }));
    const made = element("div", { role: "option", class: "row" }, cells);
    this.elements.push({ made, cells, row: null, index: -1, selected: null });
    this.space.append(made);
  }

  #fill(shown, index, height) {
    const { made, cells } = shown;
    made.hidden = index < 0;
    if (index < 0) return;
    const row = this.rows[index];
    const key = this.kind.keyOf(row);
    const selected = key === this.selected;
    if (shown.row === row && shown.index === index && shown.selected === selected && shown.height === height) return;
    Object.assign(shown, { row, index, selected, height });
    made.id = `row-${key}`;
    made.style.transform = `translateY(${index * height}px)`;
    made.setAttribute("aria-selected", String(selected));
    made.setAttribute("aria-posinset", String(index + 1));
    made.setAttribute("aria-setsize", String(this.rows.length));
    made.dataset.index = String(index);
    this.kind.columns.forEach(({ text, tone }, place) => {
      const value = text(row) ?? "";
      cells[place].textContent = visible(value);
      cells[place].dataset.tone = tone?.(row) ?? "";
    });
    if (selected) this.box.setAttribute("aria-activedescendant", made.id);
  }

  /** Marks a row by its key; scrolls to it if that is asked for. */
  select(key, { reveal = true } = {}) {
    this.selected = key;
    this.box.removeAttribute("aria-activedescendant");
    const index = this.rows.findIndex((row) => this.kind.keyOf(row) === key);
    if (index >= 0 && reveal) this.#reveal(index);
    this.draw();
  }

  #reveal(index) {
    const height = this.height;
    if (index * height < this.top) this.#scroll(index * height);
    else if ((index + 1) * height > this.top + this.room) this.#scroll((index + 1) * height - this.room);
  }

  #choose(index) {
    const row = this.rows[Math.min(Math.max(index, 0), this.rows.length - 1)];
    if (row) this.kind.choose(this.kind.keyOf(row));
  }

  #click(event) {
    const index = event.target.closest("[data-index]")?.dataset.index;
    if (index !== undefined) this.#choose(Number(index));
  }

  #key(event) {
    const at = this.rows.findIndex((row) => this.kind.keyOf(row) === this.selected);
    const page = Math.max(1, Math.floor(this.room / this.height) - 1);
    const steps = {
      ArrowDown: at + 1,
      ArrowUp: at < 0 ? 0 : at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: this.rows.length,
    };
    if (event.key in steps && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      this.#choose(steps[event.key]);
    }
  }
}
