// What is known of the checks, and which of them are to be seen, in which order.

/** The statuses, worst first: the order of the list. */
export const STATUSES = ['unhealthy', 'degraded', 'unknown', 'healthy'];

export class Checks {
  #order = []; // names, as in the file
  #byName = new Map();
  #visible = null; // cache of visible()
  #words = [];
  #only = new Set(); // statuses to show; none means all
  summary = { status: 'unknown', timestamp: '', counts: {} };

  get total() { return this.#order.length; }
  get filtered() { return this.#words.length > 0 || this.#only.size > 0; }
  get(name) { return this.#byName.get(name); }

  /** Takes the answer of /api/v1/checks in place of all that was known. */
  replace(answer) {
    this.#order = answer.checks.map((c) => c.name);
    this.#byName = new Map(answer.checks.map((c) => [c.name, c]));
    this.summary = answer;
    this.#visible = null;
  }

  /** Takes the checks that changed; what is older than what is known is left. */
  apply(event) {
    for (const c of event.checks) {
      const known = this.#byName.get(c.name);
      if (known && known.seq < c.seq) this.#byName.set(c.name, c);
    }
    if (event.timestamp >= this.summary.timestamp) this.summary = event;
    this.#visible = null;
  }

  /** Shows only checks in which every word of the text occurs. */
  search(text) {
    this.#words = text.toLowerCase().split(/\s+/).filter(Boolean);
    this.#visible = null;
  }

  /** Shows or hides the others than a status. */
  toggle(status) {
    if (!this.#only.delete(status)) this.#only.add(status);
    this.#visible = null;
  }

  /** Takes back what was searched for and toggled. */
  showAll() {
    this.#only.clear();
    this.search('');
  }

  shows(status) { return this.#only.has(status); }

  /** The checks to be seen: the worst first, else in file order. */
  visible() {
    if (this.#visible) return this.#visible;
    const groups = new Map(STATUSES.map((s) => [s, []]));
    for (const name of this.#order) {
      const c = this.#byName.get(name);
      if (this.#matches(c)) groups.get(c.status).push(c);
    }
    this.#visible = [].concat(...groups.values());
    return this.#visible;
  }

  /** The first few checks that are not healthy, the worst first. */
  worst(most) {
    const found = [];
    for (const status of STATUSES.slice(0, -1)) {
      if (!this.summary.counts[status]) continue;
      for (const name of this.#order) {
        if (found.length === most) return found;
        const c = this.#byName.get(name);
        if (c.status === status) found.push(c);
      }
    }
    return found;
  }

  #matches(c) {
    if (this.#only.size && !this.#only.has(c.status)) return false;
    if (!this.#words.length) return true;
    const text = `${c.name}\n${c.message}\n${c.tags.join('\n')}\n${c.type}\n${c.status}`.toLowerCase();
    return this.#words.every((w) => text.includes(w));
  }
}
