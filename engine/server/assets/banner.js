// The top of the page: the overall status, the counts, and whether we are
// connected.

import { el, icon, setIcon, setText } from './dom.js';
import { STATUSES } from './checks.js';
import { amount, capital, clock } from './words.js';

const FAVICON = { healthy: '#2f9e63', degraded: '#d99a1c', unhealthy: '#e5484d', unknown: '#8b95a1' };

const NAMED = 3; // checks that the banner names

const byID = (id) => document.getElementById(id);

/** Makes the buttons that count the statuses; pressed(status) is called by them. */
export function makeCounts(pressed) {
  const buttons = {};
  for (const status of STATUSES) {
    const number = el('strong');
    const button = el('button', 'count', icon(status), number, el('span', '', status));
    button.type = 'button';
    button.dataset.status = status;
    button.addEventListener('click', () => pressed(status));
    byID('counts').append(button);
    buttons[status] = { button, number };
  }
  return buttons;
}

/** Shows what sums the checks up. */
export function showSummary(checks, buttons) {
  const { counts } = checks.summary;
  const status = checks.total ? checks.summary.status : 'unknown';
  byID('banner').dataset.status = status;
  setIcon(byID('banner').querySelector('.icon'), status);
  setText(byID('headline'), checks.total ? headline(status, checks.total, counts) : 'There are no checks');
  setText(byID('summary'), checks.total ? attention(checks.worst(NAMED), counts) : 'Nothing is watched');
  for (const s of STATUSES) {
    setText(buttons[s].number, (counts[s] ?? 0).toLocaleString());
    buttons[s].button.setAttribute('aria-pressed', checks.shows(s));
  }
  tab = { text: checks.total ? inShort(status, counts) : 'no checks', status };
  showInTab();
}

function headline(status, total, counts) {
  if (status === 'healthy' && counts.healthy === total) {
    return total === 1 ? 'The one check is healthy' : `All ${total.toLocaleString()} checks are healthy`;
  }
  if (status === 'healthy') return 'Everything critical is healthy';
  if (counts[status]) return `${capital(status)}: ${amount(counts[status], 'check')} of ${total.toLocaleString()}`;
  return `Degraded: ${amount(counts.unknown, 'check')} unknown`; // all that is left
}

/** Which checks to look at first. */
function attention(worst, counts) {
  if (!worst.length) return 'Nothing needs attention';
  const more = counts.unhealthy + counts.degraded + counts.unknown - worst.length;
  return worst.map((c) => c.name).join(', ') + (more > 0 ? ` and ${more.toLocaleString()} more` : '');
}

function inShort(status, counts) {
  return status !== 'healthy' && counts[status] ? `${counts[status]} ${status}` : status;
}

let tab = { text: '', status: 'unknown' }; // what the tab tells while we are connected

/** The tab's title and icon tell the status too, where it is still true. */
function showInTab() {
  const live = document.body.dataset.live !== 'false';
  const text = live ? tab.text : 'disconnected';
  const title = text ? `${text} – polyhealth` : 'polyhealth';
  if (document.title !== title) document.title = title;
  const image = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#1f2933"/>'
    + `<path d="M4 17h6l3-8 5 15 4-11 2 4h4" fill="none" stroke="${FAVICON[live ? tab.status : 'unknown']}" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"/></svg>`;
  const link = document.querySelector('link[rel=icon]');
  const href = `data:image/svg+xml,${encodeURIComponent(image)}`;
  if (link.href !== href) link.href = href;
}

/** Shows whether what is on the page is live; last is when it last was. */
export function showLink(live, last) {
  document.body.dataset.live = live;
  setText(byID('link-text'), live ? 'live' : `disconnected${last ? `, as of ${clock(last)}` : ''} – trying again`);
  if (!live && !last) setText(byID('headline'), 'No answer yet');
  showInTab();
}
