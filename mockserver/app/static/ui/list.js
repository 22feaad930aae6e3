/* A list of any length, of which only the visible rows are elements. Their height is `--row` of the styles. */
import { element } from "./dom.js";

const MARGIN = 8; // rows above and below what is visible

export class List {
  /** `fill(cells, row)` shows a row in its cells; `chosen(row)` is told when one is chosen. */
  constructor(box, space) {
    Object.assign(this, { box, space, rows: [], elements: [], selected: null, kind: null });
    this.scheduled = false;
    box.addEventListener("scroll", () => this.draw());
    box.addEventListener("keydown", (event) => this.#key(event));
    box.addEventListener("click", (event) => this.#click(event));
    new ResizeObserver(() => this.draw()).observe(box);
  }

  /** Shows rows of another kind from now on. */
  show(kind) {
    this.kind = kind;
    this.selected = null;
    this.elements = [];
    this.space.replaceChildren();
    this.box.setAttribute("aria-label", kind.title);
    this.box.scrollTop = 0;
    this.rows = [];
  }

  /** Other rows. What is looked at stays where it is, unless that is the top. */
  update(rows) {
    const height = this.height();
    const first = this.box.scrollTop > height ? this.rows[Math.floor(this.box.scrollTop / height)] : null;
    const before = first ? this.rows.indexOf(first) : 0;
    this.rows = rows;
    this.space.style.height = `${rows.length * height}px`;
    if (first) {
      const key = this.kind.keyOf(first);
      const now = rows.findIndex((row) => this.kind.keyOf(row) === key);
      if (now > before) this.box.scrollTop += (now - before) * height;
    }
    this.draw();
  }

  height() {
    return parseFloat(getComputedStyle(this.box).getPropertyValue("--row")) || 36;
  }

  draw() {
    if (!this.kind) return;
    const height = this.height();
    const first = Math.max(0, Math.floor(this.box.scrollTop / height) - MARGIN);
    const last = Math.min(this.rows.length, Math.ceil((this.box.scrollTop + this.box.clientHeight) / height) + MARGIN);
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
      cells[place].textContent = value;
      cells[place].title = value;
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
    const height = this.height();
    const { scrollTop, clientHeight } = this.box;
    if (index * height < scrollTop) this.box.scrollTop = index * height;
    else if ((index + 1) * height > scrollTop + clientHeight) this.box.scrollTop = (index + 1) * height - clientHeight;
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
    const page = Math.max(1, Math.floor(this.box.clientHeight / this.height()) - 1);
    const steps = { ArrowDown: at + 1, ArrowUp: at < 0 ? 0 : at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: this.rows.length };
    if (event.key in steps && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      this.#choose(steps[event.key]);
    }
  }
}
