// The few ways in which this page makes elements. Text is only ever set as text:
// nothing that a check says is read as markup.

const SVG = 'http://www.w3.org/2000/svg';

/** An element with a class and children, which are elements or strings. */
export function el(tag, className, ...children) {
  const e = document.createElement(tag);
  if (className) e.className = className;
  e.append(...children);
  return e;
}

/** An SVG element with attributes. */
export function svg(tag, attributes = {}, ...children) {
  const e = document.createElementNS(SVG, tag);
  for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
  e.append(...children);
  return e;
}

/** The icon of a status. */
export function icon(status) {
  return svg('svg', { class: 'icon', 'aria-hidden': 'true' }, svg('use', { href: `#${status}` }));
}

/** Turns an icon into that of another status. */
export function setIcon(e, status) {
  e.firstElementChild.setAttribute('href', `#${status}`);
}

/** Sets an element's text where it differs. */
export function setText(e, text) {
  if (e.textContent !== text) e.textContent = text;
}
