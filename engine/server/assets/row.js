// One check in the list.

import { el, svg, icon, setIcon, setText } from './dom.js';
import { draw } from './bars.js';
import { capital, instant, lasted, latency } from './words.js';

export class Row {
  check = null;
  #spark = null;
  #y = null;

  constructor(open) {
    this.icon = icon('unknown');
    this.status = el('span', 'status-word');
    this.since = el('span', 'since');
    this.name = el('button', 'name');
    this.name.type = 'button';
    this.tags = el('span', 'tags');
    this.message = el('span', 'message');
    this.rule = el('code', 'rule');
    this.latency = el('span', 'latency');
    this.chart = svg('svg', { class: 'spark' });
    const cell = (className, ...children) => {
      const e = el('div', className, ...children);
      e.setAttribute('role', 'cell');
      return e;
    };
    this.element = el('div', 'row',
      cell('c-status', this.icon, el('div', '', this.status, this.since)),
      cell('c-name', this.name, this.tags),
      cell('c-message', this.message, this.rule),
      cell('c-latency', this.latency),
      cell('c-spark', this.chart));
    this.element.setAttribute('role', 'row');
    this.name.setAttribute('aria-controls', 'detail');
    this.element.addEventListener('click', () => {
      this.name.focus({ preventScroll: true }); // arrows go on from here
      open(this.check.name);
    });
  }

  /** Shows a check, which may be the open one. now is the server's time in milliseconds. */
  show(check, now, opened) {
    if (this.check !== check) this.#fill(check);
    this.name.setAttribute('aria-expanded', opened);
    setText(this.since, check.since ? `for ${lasted(now - Date.parse(check.since))}` : '');
  }

  #fill(check) {
    this.check = check;
    this.element.dataset.status = check.status;
    setIcon(this.icon, check.status);
    setText(this.status, capital(check.status));
    this.since.title = check.since ? `since ${instant(check.since)}` : '';
    setText(this.name, check.name);
    this.name.title = check.description ?? check.name;
    const tags = check.critical ? check.tags : ['not critical', ...check.tags];
    if (this.tags.childElementCount || tags.length) {
      this.tags.replaceChildren(...tags.map((t) => el('span', 'tag', t)));
    }
    setText(this.message, check.message);
    this.message.title = check.message;
    const rule = check.rule.startsWith('healthy') ? '' : check.rule; // which is no news
    setText(this.rule, rule);
    this.rule.title = rule;
    setText(this.latency, latency(check.latency_ms));
  }

  /** Shows what Sparks knows of the last hour. */
  showSpark(spark) {
    if (this.#spark === spark) return;
    this.#spark = spark;
    if (spark) draw(this.chart, spark.values, spark.statuses);
    else this.chart.replaceChildren();
  }

  /** Puts the row at its place: the index among all, and the height of each. */
  place(index, height) {
    this.element.setAttribute('aria-rowindex', index + 2); // after the headings
    const y = index * height;
    if (this.#y !== y) this.element.style.transform = `translateY(${y}px)`;
    this.#y = y;
  }
}
