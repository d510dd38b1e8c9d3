// Building elements. Text always goes in as text nodes, so nothing anybody writes can become markup.

function setAttribute(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
  else node.setAttribute(name, value === true ? '' : String(value));
}

const isShown = (child) => child !== null && child !== undefined && child !== false && child !== '';

export function h(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) setAttribute(node, name, value);
  node.append(...children.flat(Infinity).filter(isShown));
  return node;
}

export const byId = (id) => document.getElementById(id);

export function empty(node, ...children) {
  node.textContent = '';
  node.append(...children.flat(Infinity).filter(isShown));
}

const SVG = 'http://www.w3.org/2000/svg';
const PATHS = {
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  reply: 'M9 7 4 12l5 5M4 12h10a6 6 0 0 1 6 6',
  copy: 'M9 9h10v11H9zM5 15V4h10',
  recall: 'M4 7v5h5M4.6 12A8 8 0 1 1 7 18',
  edit: 'M4 20h4L19 9l-4-4L4 16zM13 7l4 4',
  mention: 'M16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0zm0 0v1.5a2.5 2.5 0 0 0 5 0V12a9 9 0 1 0-3.5 7.1',
  clock: 'M12 7v5l3 2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z',
  alert: 'M12 8v5M12 16.5h.01M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z',
  retry: 'M20 11A8 8 0 1 0 18 17M20 5v6h-6',
  remove: 'M6 6l12 12M18 6 6 18',
  check: 'M5 12.5 10 17.5 19 7',
  down: 'M12 5v14M6 13l6 6 6-6',
  up: 'M12 19V5M6 11l6-6 6 6',
  residents: 'M3 20h18M5 20V10l5-4v14M10 20V5l9 4v11M13.5 11h2M13.5 15h2',
  staff: 'M9 4h6v3H9zM15 5.5h3V20H6V5.5h3M9 12l2 2 4-4',
  unit: 'M14.5 6.5a4 4 0 0 0 5 5L11 20l-3.5-3.5zM4 20l3-3',
  grid: 'M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z',
};

export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', `icon icon-${name}`);
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}

const URL_PATTERN = /https?:\/\/[\w\-.~:/?#[\]@!$&'()*+,;=%]+[\w/#=&-]/g;

/** A text as nodes, its web addresses as links. */
export function linked(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.match(URL_PATTERN) || []) {
    const start = text.indexOf(match, from);
    nodes.push(text.slice(from, start));
    nodes.push(h('a', { href: match, target: '_blank', rel: 'noopener noreferrer' }, match));
    from = start + match.length;
  }
  nodes.push(text.slice(from));
  return nodes;
}

/** Copies a text; in-app browsers and plain http have no clipboard object. */
export async function copyText(text) {
  if (navigator.clipboard && window.isSecureContext) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch (refused) {
      // A frame or an in-app browser may refuse; the old way below often still works.
    }
  }
  const area = h('textarea', { class: 'offscreen', readonly: true });
  area.value = text;
  document.body.append(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  return copied;
}
