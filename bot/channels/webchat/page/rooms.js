// The list of groups.

import { byId, empty, h, icon } from './dom.js';
import { tintOf } from './people.js';
import { shortTime } from './time.js';
import { words } from './words.js';

const SIGNS = { residents: 'residents', staff: 'staff', unit: 'unit', private: 'grid' };

function sign(room) {
  const look = room.kind === 'private' ? 'bot' : `tint-${tintOf(room.id)}`;
  return h('div', { class: `avatar big ${look}`, 'aria-hidden': 'true' }, icon(SIGNS[room.kind] || 'residents'));
}

function badge(count) {
  if (!count) return null;
  return h('span', { class: 'badge', 'aria-label': words.unread(count) }, count > 99 ? '99+' : count);
}

function item(room, unread, current, open) {
  const button = h('button', { type: 'button', class: 'room-item', 'data-testid': `room-${room.id}`,
    'aria-current': current ? 'true' : null, onclick: () => open(room.id) },
    sign(room),
    h('span', { class: 'room-text' },
      h('span', { class: 'room-top' }, h('span', { class: 'room-name' }, room.title), h('time', null, shortTime(room.at))),
      h('span', { class: 'room-bottom' }, h('span', { class: 'room-preview' }, room.preview || words.noMessages), badge(unread))));
  return h('li', null, button);
}

/** Draws the list anew; the focus stays on the room it was on. */
export function renderRooms(store, current, open) {
  const list = byId('room-list');
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.testid : null;
  empty(list, store.listed().map((room) => item(room, store.unread(room), room.id === current, open)));
  const again = focused && Array.from(list.querySelectorAll('button')).find((button) => button.dataset.testid === focused);
  if (again) again.focus({ preventScroll: true });
}

export function renderTitle(total) {
  document.title = total ? `(${total > 99 ? '99+' : total}) ${words.app}` : words.app;
}
