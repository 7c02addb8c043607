// The list of checks. However many there are, only those on the screen, and a few
// around them, are elements of the page.

import { el } from './dom.js';
import { Row } from './row.js';

const AROUND = 8; // rows beyond either edge of the screen

export class List {
  #element;
  #ruler = el('div', 'ruler'); // as high as a row
  #checks;
  #sparks;
  #now;
  #open;
  #opened;
  #rows = new Map(); // name → Row, those on the page
  #spare = [];
  #due = false;
  #settled; // timer that runs out when scrolling pauses

  constructor(element, { checks, sparks, now, open, opened }) {
    this.#element = element;
    this.#checks = checks;
    this.#sparks = sparks;
    this.#now = now;
    this.#open = open;
    this.#opened = opened;
    element.append(this.#ruler);
    addEventListener('scroll', () => this.refresh(), { passive: true });
    addEventListener('resize', () => this.refresh());
    element.addEventListener('keydown', (e) => this.#key(e));
  }

  /** Shows what is now true, with the next frame. */
  refresh() {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => { this.#due = false; this.#draw(); });
  }

  #draw() {
    const all = this.#checks.visible();
    const height = this.#ruler.offsetHeight;
    this.#element.style.height = `${all.length * height}px`;
    const top = this.#element.getBoundingClientRect().top;
    const first = Math.max(0, Math.floor(-top / height) - AROUND);
    const end = Math.min(all.length, Math.ceil((innerHeight - top) / height) + AROUND);
    const wanted = new Map();
    for (let i = first; i < end; i++) wanted.set(all[i].name, i);
    this.#keepFocused(all, wanted);
    this.#discard(wanted);
    const now = this.#now();
    const opened = this.#opened();
    for (const [name, i] of wanted) this.#row(name).show(all[i], now, name === opened);
    for (const [name, i] of wanted) this.#rows.get(name).place(i, height);
    this.#order([...wanted].sort((a, b) => a[1] - b[1]).map(([name]) => this.#rows.get(name).element));
    this.#drawSparks([...wanted.keys()]);
  }

  /** The focused row stays on the page wherever it is, lest the focus be lost. */
  #keepFocused(all, wanted) {
    for (const [name, row] of this.#rows) {
      if (wanted.has(name) || !row.element.contains(document.activeElement)) continue;
      const i = all.findIndex((c) => c.name === name);
      if (i >= 0) wanted.set(name, i);
    }
  }

  /** The Tab key goes as the eye does. What is focused is not moved, lest the focus be lost. */
  #order(elements) {
    let before = this.#ruler;
    for (const e of elements) {
      if (before.nextSibling !== e && !e.contains(document.activeElement)) before.after(e);
      before = e;
    }
  }

  #discard(wanted) {
    for (const [name, row] of this.#rows) {
      if (wanted.has(name)) continue;
      this.#rows.delete(name);
      row.element.remove();
      this.#spare.push(row);
    }
  }

  #row(name) {
    let row = this.#rows.get(name);
    if (!row) {
      row = this.#spare.pop() ?? new Row(this.#open);
      this.#rows.set(name, row);
      this.#element.append(row.element);
    }
    return row;
  }

  #drawSparks(names) {
    for (const name of names) this.#rows.get(name).showSpark(this.#sparks.get(name));
    clearTimeout(this.#settled);
    this.#settled = setTimeout(() => this.#sparks.want(names), 100);
  }

  /** Arrows, Home and End go from row to row, and so does what is open beside them. */
  #key(e) {
    const all = this.#checks.visible();
    const at = all.findIndex((c) => this.#rows.get(c.name)?.element.contains(e.target));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[e.key];
    if (at < 0 || to === undefined || !all[to]) return;
    e.preventDefault();
    const height = this.#ruler.offsetHeight;
    const y = this.#element.getBoundingClientRect().top + scrollY + to * height;
    const covered = this.#element.previousElementSibling.offsetHeight; // the headings stay in sight
    if (y < scrollY + covered) scrollTo(0, y - covered);
    else if (y + height > scrollY + innerHeight) scrollTo(0, y + height - innerHeight);
    this.#draw();
    this.#rows.get(all[to].name)?.name.focus({ preventScroll: true });
    if (this.#opened() !== null) this.#open(all[to].name);
  }
}
