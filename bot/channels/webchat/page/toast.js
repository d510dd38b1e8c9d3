// A short sentence over the chat that goes away by itself.

import { byId, h } from './dom.js';

const SHORTEST = 2600; // ms
const PER_CHARACTER = 110; // ms; a long answer stays long enough to be read

let current = null;

function close(node) {
  node.classList.add('leaving');
  setTimeout(() => node.remove(), 250);
}

export function toast(text, kind = '') {
  if (!text) return;
  if (current) close(current);
  const node = h('div', { class: `toast ${kind}`, 'data-testid': 'toast' }, text);
  node.addEventListener('click', () => close(node));
  byId('toasts').append(node);
  current = node;
  setTimeout(() => close(node), Math.max(SHORTEST, text.length * PER_CHARACTER));
}
