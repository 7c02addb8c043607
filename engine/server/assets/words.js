// How times and amounts are written.

/** A length of time in milliseconds, as long as it takes: 35 ms, 1.2 s, 3 min. */
export function latency(ms) {
  if (ms === null || ms === undefined) return '–';
  if (ms < 1) return '<1 ms';
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 120000) return `${Math.round(ms / 1000)} s`;
  return `${Math.round(ms / 60000)} min`;
}

/** How long something has lasted, in milliseconds: 12s, 3m, 2h 5m, 4d 3h. */
export function lasted(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return `${s}s`;
  const m = Math.floor(s / 60);
  if (m < 60) return `${m}m`;
  const h = Math.floor(m / 60);
  if (h < 48) return m % 60 ? `${h}h ${m % 60}m` : `${h}h`;
  return h % 24 ? `${Math.floor(h / 24)}d ${h % 24}h` : `${h / 24}d`;
}

/** An instant in the reader's own time zone, or a dash; the date where it is not today's. */
export function instant(text) {
  if (!text) return '–';
  const date = new Date(text);
  if (date.toDateString() === new Date().toDateString()) return clock(date);
  return date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

/** The clock time of an instant. */
export function clock(date) {
  return date.toLocaleTimeString();
}

export function capital(word) {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** "1 check", "3 checks". */
export function amount(n, noun) {
  return `${n.toLocaleString()} ${noun}${n === 1 ? '' : 's'}`;
}
