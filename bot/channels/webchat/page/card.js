// A case as a card, and the buttons under a card or a question.

import { h, icon } from './dom.js';
import { words } from './words.js';

const NUMBERED = /^\s*(\d{1,2})[\s.、．)]\s*(.+)$/;
const LONG_LABEL = 7; // characters; longer ones get a line of their own

function line([label, value]) {
  return [h('dt', null, label), h('dd', null, value)];
}

export function cardOf(message, photos) {
  const { card } = message;
  const urgent = card.urgent ? h('span', { class: 'tag tag-urgent' }, words.urgent) : null;
  return h('section', { class: `card${card.urgent ? ' urgent' : ''}` },
    h('h3', { class: 'card-title' }, urgent, card.title),
    card.lines.length ? h('dl', null, card.lines.map(line)) : null,
    photos,
    card.note ? h('p', { class: 'card-note' }, card.note) : null);
}

function face(button, busy, pressed) {
  const numbered = button.label.match(NUMBERED);
  const label = numbered ? [h('span', { class: 'number' }, numbered[1]), h('span', null, numbered[2])] : [button.label];
  if (busy) return [h('span', { class: 'spinner', 'aria-hidden': 'true' }), ...label];
  return pressed ? [icon('check'), ...label] : label;
}

/** `busy`: data of the buttons that wait for an answer; meanwhile the others of the same card rest too. */
export function buttonsOf(message, busy, onPress) {
  if (!message.buttons.length) return null;
  const pressed = message.pressed || [];
  const stacked = message.buttons.some(({ label }) => NUMBERED.test(label) || label.length > LONG_LABEL);
  const one = (button) => h('button', {
    type: 'button', class: `choice ${button.style}${pressed.includes(button.data) ? ' pressed' : ''}`,
    'data-testid': `btn-${button.data}`, disabled: busy.length > 0, 'aria-busy': busy.includes(button.data) ? 'true' : null,
    onclick: () => onPress(button.data),
  }, face(button, busy.includes(button.data), pressed.includes(button.data)));
  return h('div', { class: `choices${stacked ? ' stacked' : ''}`, role: 'group' }, message.buttons.map(one));
}
