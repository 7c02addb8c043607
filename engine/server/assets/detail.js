// All that is known of one check: beside the list where there is room, else over it.

import { el, svg, icon } from './dom.js';
import { draw } from './bars.js';
import { capital, instant, lasted, latency } from './words.js';

const WIDE = matchMedia('(min-width: 68rem)'); // as in style.css
const QUARTER = 15 * 60 * 1000;
const QUARTERS = 96; // a day
const LETTER = { healthy: 'h', degraded: 'd', unhealthy: 'u', unknown: '?' };

export class Detail {
  #dialog;
  #name = null;
  #shown = null; // the component that is shown
  #loading = false;
  #turned;

  /** turned() is called when another check is open, or none. */
  constructor(dialog, turned) {
    this.#dialog = dialog;
    this.#turned = turned;
    dialog.addEventListener('click', (e) => { if (e.target === dialog) dialog.close(); });
    dialog.addEventListener('close', () => this.#forget());
  }

  #forget() {
    this.#name = null;
    history.replaceState(null, '', location.pathname);
    this.#turned();
  }

  /** The name of the open check, or null. */
  get name() { return this.#name; }

  /** Opens the check of that name. */
  async open(name) {
    this.#name = name;
    this.#shown = null;
    history.replaceState(null, '', `#${encodeURIComponent(name)}`);
    this.#turned();
    await this.#load();
  }

  close() { this.#dialog.close(); }

  /** Reads the open check again if it has changed, and closes where it is gone. */
  changed(checks) {
    if (this.#name === null || !this.#shown) return;
    const c = checks.get(this.#name);
    if (!c) this.close();
    else if (c.seq !== this.#shown.seq && !this.#loading) this.#load(); // less than before after a restart
  }

  async #load() {
    const name = this.#name;
    this.#loading = true;
    try {
      const at = `/api/v1/checks/${encodeURIComponent(name)}`;
      const check = await json(at);
      const day = check?.history ? await json(`${at}/history`) : null;
      if (this.#name !== name) return;
      if (!check) {
        if (!this.#dialog.open) this.#forget();
        return;
      }
      this.#shown = check;
      this.#fill(check, day);
      if (!this.#dialog.open) this.#show();
    } finally {
      this.#loading = false;
    }
  }

  /** Beside the list, the keyboard stays in the list, to go from check to check. */
  #show() {
    const focused = document.activeElement;
    if (WIDE.matches) this.#dialog.show();
    else this.#dialog.showModal();
    if (WIDE.matches) focused.focus({ preventScroll: true });
  }

  #fill(check, day) {
    const close = el('button', 'close', '×');
    close.type = 'button';
    close.setAttribute('aria-label', 'Close');
    close.addEventListener('click', () => this.#dialog.close());
    const name = el('h2', '', check.name);
    name.id = 'detail-name';
    const state = el('p', 'state', capital(check.status) + (check.since ? ` since ${instant(check.since)}` : ''));
    const body = el('div', 'body', ...said(check), chart('Last hour', check.sparkline, check.sparkline_status));
    if (day) body.append(chart('Last day', ...quarters(day)));
    body.append(
      ...section('Metadata', Object.entries(check.metadata)), ...section('Rules', Object.entries(check.rules)),
      ...section('Check', facts(check)));
    const focused = this.#dialog.contains(document.activeElement);
    this.#dialog.dataset.status = check.status;
    this.#dialog.replaceChildren(el('div', 'title', icon(check.status), el('div', '', name, state), close), body);
    if (focused) close.focus();
  }
}

/** The JSON at an address, or null. */
async function json(url) {
  try {
    const answer = await fetch(url);
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

/** What the last result says, and why. */
function said(c) {
  return [
    el('p', 'said', c.message), c.rule ? el('code', 'rule', c.rule) : '', c.description ? el('p', 'about', c.description) : '',
  ].filter(Boolean);
}

function facts(c) {
  const lines = [
    ['Failures in a row', c.consecutive_failures ? `${c.consecutive_failures}` : ''],
    ['Last result', c.last_check ? `${capital(c.result)} in ${latency(c.latency_ms)}, ${instant(c.last_check)}` : 'none yet'],
    ['Last success', c.last_success ? instant(c.last_success) : 'none yet'],
    ['Type', c.type],
    [c.schedule ? 'Schedule' : 'Interval', c.schedule ? `${c.schedule} ${c.timezone ?? ''}` : (c.interval_ms < 1000 ? latency : lasted)(c.interval_ms)],
    ['Thresholds', `degraded ${c.thresholds.degraded}, unhealthy ${c.thresholds.unhealthy}, healthy ${c.thresholds.healthy}`],
    ['Alerts go to', c.routes.join(', ')],
    ['Tags', c.tags.join(', ')],
    ['Critical', c.critical ? '' : 'no: kept out of the overall status'],
  ];
  return lines.filter(([, value]) => value);
}

function list(lines) {
  const dl = el('dl');
  for (const [key, value] of lines) dl.append(el('dt', '', key), el('dd', '', text(value)));
  return dl;
}

function section(title, lines) {
  return lines.length ? [el('h3', '', title), list(lines)] : [];
}

/** A value of metadata, or a list of rules, as text. */
function text(value) {
  if (Array.isArray(value) && value.every((v) => typeof v === 'string')) return value.join('\n');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function chart(title, values, statuses) {
  const bars = svg('svg', { class: 'bars' });
  draw(bars, values, statuses);
  const most = Math.max(0, ...values.map((v) => v ?? 0));
  return el('figure', '', el('figcaption', '', title, el('span', '', values.some((v) => v !== null) ? `up to ${latency(most)}` : 'no results yet')), bars);
}

/** A history as bars of a quarter of an hour. */
function quarters(day) {
  const values = Array(QUARTERS).fill(null);
  const statuses = Array(QUARTERS).fill('.');
  const rank = '?hdu';
  const end = Date.parse(day.to);
  for (const p of day.points) {
    const i = QUARTERS - 1 - Math.floor((end - Date.parse(p.at)) / QUARTER);
    if (i < 0 || i >= QUARTERS || !p.count) continue;
    values[i] = Math.max(values[i] ?? 0, p.max_latency_ms);
    const worst = LETTER[p.worst];
    if (rank.indexOf(worst) > rank.indexOf(statuses[i])) statuses[i] = worst;
  }
  return [values, statuses.join('')];
}
