// Small bar charts: how high is the latency, which colour the worst status.

import { svg } from './dom.js';
import { STATUSES } from './checks.js';
import { latency } from './words.js';

const LETTERS = { u: 'unhealthy', d: 'degraded', '?': 'unknown', h: 'healthy' };
const HEIGHT = 24;

/**
 * Draws bars into an <svg>. values are milliseconds or null, statuses a string of
 * one letter a bar.
 */
export function draw(chart, values, statuses) {
  const top = Math.max(1, ...values.map((v) => v ?? 0));
  const paths = {};
  values.forEach((v, i) => {
    if (v === null) return;
    const status = LETTERS[statuses[i]] ?? 'unknown';
    const h = 2 + (v / top) * (HEIGHT - 2);
    paths[status] = (paths[status] ?? '') + `M${i * 2} ${HEIGHT}v${-h.toFixed(1)}h1.5v${h.toFixed(1)}z`;
  });
  chart.setAttribute('viewBox', `0 0 ${values.length * 2} ${HEIGHT}`);
  chart.setAttribute('preserveAspectRatio', 'none');
  chart.setAttribute('role', 'img');
  chart.setAttribute('aria-label', describe(values, statuses));
  chart.replaceChildren(
    svg('path', { class: 'base', d: `M0 ${HEIGHT - 0.5}H${values.length * 2}` }),
    ...STATUSES.filter((s) => paths[s]).map((s) => svg('path', { class: s, d: paths[s] })),
  );
}

/** What a chart shows, for those who do not see it. */
function describe(values, statuses) {
  const known = values.filter((v) => v !== null);
  if (!known.length) return 'no results yet';
  const bad = [...statuses].filter((s) => s === 'u').length;
  const most = `latency up to ${latency(Math.max(...known))}`;
  return bad ? `${most}, unhealthy in ${bad} of ${known.length} bars` : most;
}
