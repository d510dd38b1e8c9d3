// The small menu of a message: long press on a phone, the dots beside it with a mouse or keyboard.

import { byId, empty, h, icon } from './dom.js';

const LONG_PRESS = 480; // ms
const WANDER = 10; // px a finger may move before it counts as scrolling
const MARGIN = 8; // px to the screen's edge

let opener = null;

function place(menu, anchor) {
  const box = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const above = box.top - height - MARGIN;
  const left = Math.min(Math.max(MARGIN, box.left + box.width / 2 - width / 2), window.innerWidth - width - MARGIN);
  const top = above > 56 ? above : Math.min(box.bottom + MARGIN, window.innerHeight - height - MARGIN);
  menu.style.left = `${left}px`;
  menu.style.top = `${Math.max(MARGIN, top)}px`;
}

export function closeMenu() {
  const menu = byId('menu');
  if (menu.hidden) return;
  menu.hidden = true;
  byId('menu-veil').hidden = true;
  if (opener && document.contains(opener)) opener.focus({ preventScroll: true });
  opener = null;
}

/** `items`: [{label, icon, run}]. */
export function openMenu(items, anchor, focusBack) {
  const menu = byId('menu');
  const choose = (item) => () => { closeMenu(); item.run(); };
  empty(menu, items.map((item) => h('button', { type: 'button', role: 'menuitem', class: 'menu-item', onclick: choose(item) },
    icon(item.icon), h('span', null, item.label))));
  menu.hidden = false;
  byId('menu-veil').hidden = false;
  opener = focusBack;
  place(menu, anchor);
  menu.firstElementChild.focus({ preventScroll: true });
}

function step(event) {
  const items = Array.from(byId('menu').children);
  const moves = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  if (event.key === 'Escape' || event.key === 'Tab') closeMenu();
  else if (moves[event.key]) items[(items.indexOf(document.activeElement) + moves[event.key] + items.length) % items.length].focus();
  else return;
  event.preventDefault();
}

/** `onHold(element)` for a message a finger rests on. */
export function watchMenus(log, onHold) {
  let timer = 0;
  let start = null;
  const stop = () => clearTimeout(timer);
  log.addEventListener('touchstart', (event) => {
    stop();
    const message = event.target.closest('.msg');
    if (!message || event.touches.length > 1 || event.target.closest('.choices')) return;
    start = event.touches[0];
    timer = setTimeout(() => onHold(message), LONG_PRESS);
  }, { passive: true });
  log.addEventListener('touchmove', (event) => {
    const at = event.touches[0];
    if (Math.hypot(at.clientX - start.clientX, at.clientY - start.clientY) > WANDER) stop();
  }, { passive: true });
  log.addEventListener('touchend', (event) => { stop(); if (!byId('menu').hidden && event.cancelable) event.preventDefault(); });
  log.addEventListener('touchcancel', stop);
  log.addEventListener('contextmenu', (event) => { if (window.matchMedia('(hover: none)').matches) event.preventDefault(); });
  byId('menu-veil').addEventListener('click', closeMenu);
  byId('menu').addEventListener('keydown', step);
}
