// How a person looks in a list or beside a bubble.

import { h, icon } from './dom.js';
import { words } from './words.js';

const TINTS = 8; // classes tint-0 … tint-7 of the style sheet

export function tintOf(id) {
  let sum = 7;
  for (const character of id) sum = (sum * 31 + character.codePointAt(0)) % 9973;
  return sum % TINTS;
}

/** The last two characters, the way people here shorten a name: 王芳, 李姐 of 2号楼李姐. */
export const initials = (name) => Array.from(name.replace(/[\s（(].*$/, '') || name).slice(-2).join('');

export function avatar(person) {
  if (person.bot) return h('div', { class: 'avatar bot', 'aria-hidden': 'true' }, icon('grid'));
  return h('div', { class: `avatar tint-${tintOf(person.id)}`, 'aria-hidden': 'true' }, initials(person.name));
}

export function tags(person) {
  if (person.bot) return [h('span', { class: 'tag tag-bot' }, words.bot)];
  return person.staff ? [h('span', { class: 'tag tag-staff' }, words.staff)] : [];
}
