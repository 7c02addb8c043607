// The dashboard: reads everything once, then follows what changes.

import { Checks } from './checks.js';
import { Sparks } from './sparks.js';
import { List } from './list.js';
import { Detail } from './detail.js';
import { follow } from './stream.js';
import { makeCounts, showLink, showSummary } from './banner.js';
import { setText } from './dom.js';

const checks = new Checks();
const detail = new Detail(document.getElementById('detail'), () => list.refresh());
const sparks = new Sparks(() => list.refresh());
let ahead = 0; // ms by which the server's clock is ahead of ours
let last = null; // when we last heard from the server

const list = new List(document.getElementById('list'), {
  checks, sparks, now: () => Date.now() + ahead, open: (name) => detail.open(name), opened: () => detail.name,
});
const counts = makeCounts((status) => { checks.toggle(status); show(); });

function show() {
  showSummary(checks, counts);
  const visible = checks.visible().length;
  document.getElementById('table').setAttribute('aria-rowcount', visible + 1);
  document.getElementById('table').hidden = visible === 0;
  document.getElementById('nothing').hidden = visible > 0;
  document.getElementById('all').hidden = !checks.filtered;
  setText(document.getElementById('nothing-text'),
    checks.filtered ? 'No check fits the filter.' : 'The file declares no checks yet. Once it does, they are here.');
  list.refresh();
}

let reading = 0; // the newest reading: an older one that ends late is dropped
let stale = true; // a reading is under way, or has failed
const waiting = []; // changes that came meanwhile

async function read() {
  const mine = ++reading;
  const answer = await fetch('/api/v1/checks?sparkline=false');
  const all = await answer.json();
  if (mine !== reading) return;
  const begun = checks.total > 0;
  ahead = Date.parse(all.timestamp) - Date.now();
  checks.replace(all);
  waiting.splice(0).forEach((e) => checks.apply(e));
  stale = false;
  sparks.clear();
  detail.changed(checks);
  heard();
  show();
  if (!begun) openAddressed();
}

/** Opens the check that the address names, as in /#NAME. */
function openAddressed() {
  let name;
  try {
    name = decodeURIComponent(location.hash.slice(1));
  } catch {
    return; // nothing that we made
  }
  if (checks.get(name)) detail.open(name);
}

const RETRY = 3000; // ms
let again; // timer of the next try

async function reread() {
  stale = true;
  try {
    await read();
  } catch {
    lost();
    clearTimeout(again);
    again = setTimeout(reread, RETRY);
  }
}

function heard() {
  last = new Date();
  if (!stale) showLink(true, last);
}

function lost() { showLink(false, last); }

follow('/api/v1/events', {
  hello: reread,
  reset: reread,
  beat: heard,
  lost,
  changes(event) {
    heard();
    if (stale) {
      waiting.push(event);
      return;
    }
    checks.apply(event);
    sparks.changed(event.checks.map((c) => c.name));
    detail.changed(checks);
    show();
  },
});

const search = document.getElementById('search');
search.addEventListener('input', () => { checks.search(search.value); show(); });
addEventListener('keydown', (e) => {
  if (e.key === '/' && !e.target.closest('input, dialog:modal')) {
    e.preventDefault();
    search.focus();
  }
  if (e.key === 'Escape' && e.target !== search) detail.close();
});
document.getElementById('all').addEventListener('click', () => {
  search.value = '';
  checks.showAll();
  show();
});
setInterval(() => list.refresh(), 1000); // times that pass
