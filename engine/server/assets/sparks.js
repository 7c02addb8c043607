// The last hour of the checks on the screen. With thousands of checks only these
// are asked for.

const FRESH = 60000; // ms for which a sparkline is good
const CHANGED = 10000; // the same for a check that has had a result since
const LONGEST = 6000; // characters of an address

export class Sparks {
  #known = new Map(); // name → {at, values, statuses, changed}
  #asked = new Set();
  #loaded;

  /** loaded(names) is called when sparklines have arrived. */
  constructor(loaded) { this.#loaded = loaded; }

  get(name) { return this.#known.get(name); }

  /** Forgets everything. */
  clear() { this.#known.clear(); }

  /** Notes that checks have had results. */
  changed(names) {
    for (const name of names) {
      const spark = this.#known.get(name);
      if (spark) spark.changed = true;
    }
  }

  /** Asks for what is missing or old among the names. */
  want(names) {
    const now = Date.now();
    const old = names.filter((name) => {
      const spark = this.#known.get(name);
      return !this.#asked.has(name) && (!spark || now - spark.at > (spark.changed ? CHANGED : FRESH));
    });
    for (const batch of batches(old)) this.#ask(batch);
  }

  async #ask(names) {
    names.forEach((name) => this.#asked.add(name));
    try {
      const answer = await fetch(address(names));
      if (!answer.ok) return;
      for (const c of (await answer.json()).checks) {
        this.#known.set(c.name, { at: Date.now(), values: c.sparkline, statuses: c.sparkline_status });
      }
      this.#loaded(names);
    } catch {
      // The connection is lost, which the event stream tells.
    } finally {
      names.forEach((name) => this.#asked.delete(name));
    }
  }
}

function address(names) {
  return `/api/v1/checks?${names.map((n) => `name=${encodeURIComponent(n)}`).join('&')}`;
}

/** Splits names so that no address is too long. */
function batches(names) {
  const all = [];
  let length = LONGEST;
  for (const name of names) {
    const more = encodeURIComponent(name).length + 6;
    if (length + more > LONGEST) {
      all.push([]);
      length = 0;
    }
    all.at(-1).push(name);
    length += more;
  }
  return all;
}
