// The log of the open room on the screen: keeps elements whose line did not change, keeps the reader's place.

import { byId } from './dom.js';
import { linesOf } from './lines.js';
import { messageRow, newRow, recalledRow, timeRow, unsentRow } from './message.js';

const NEAR_BOTTOM = 60; // px
const NEAR_TOP = 240; // px; older messages are fetched before the reader hits the edge
const FLASH = 1600; // ms

export class Thread {
  /** `actions` for message.js, and onTop(), onPlace() when the reader moved. */
  constructor(context, actions) {
    this.context = context;
    this.actions = actions;
    this.log = byId('log');
    this.list = byId('lines');
    this.shown = new Map();
    this.atBottom = true;
    this.log.addEventListener('scroll', () => this.scrolled(), { passive: true });
    if ('ResizeObserver' in window) new ResizeObserver(() => this.settle()).observe(this.log);
    else window.addEventListener('resize', () => this.settle());
  }

  clear() {
    this.list.textContent = '';
    this.shown.clear();
    this.atBottom = true;
  }

  build(line, room) {
    const { context, actions } = this;
    if (line.kind === 'time') return timeRow(line.text);
    if (line.kind === 'new') return newRow();
    if (line.kind === 'recalled') return recalledRow(line.message, line.mine);
    if (line.kind === 'unsent') return unsentRow(line.entry, context.me(), line.follow, actions);
    return messageRow(line.message, line, actions);
  }

  /** Brings the elements in line with the messages; elements that did not change stay as they are. */
  render(room, mark) {
    const { context } = this;
    const lines = linesOf({ room, mark, me: context.me(), messages: context.messages(room), outbox: context.outbox, presses: context.presses });
    const anchor = this.atBottom ? null : this.anchor();
    const keys = new Set(lines.map((line) => line.key));
    this.shown.forEach((one, key) => keys.has(key) || this.drop(key));
    let place = this.list.firstElementChild;
    for (const line of lines) place = this.placeLine(line, room, place);
    if (anchor) this.hold(anchor);
    this.settle();
  }

  /** Puts one line before `place`; returns the element after it. */
  placeLine(line, room, place) {
    const old = this.shown.get(line.key);
    if (old && old.sign === line.sign) {
      if (old.node === place) return place.nextElementSibling;
      this.list.insertBefore(old.node, place);
      return place;
    }
    const node = this.build(line, room);
    this.shown.set(line.key, { node, sign: line.sign });
    if (!old) {
      this.list.insertBefore(node, place);
      return place;
    }
    const next = old.node === place ? place.nextElementSibling : place;
    old.node.replaceWith(node);
    if (next !== place) return next;
    this.list.insertBefore(node, place);
    return place;
  }

  drop(key) {
    this.shown.get(key).node.remove();
    this.shown.delete(key);
  }

  /** The first visible line and where it stands: so that older messages can be put above without a jump. */
  anchor() {
    const top = this.log.getBoundingClientRect().top;
    for (const [key, { node }] of this.shown) {
      const box = node.getBoundingClientRect();
      if (box.bottom > top && !key.startsWith('t')) return { key, top: box.top };
    }
    return null;
  }

  hold({ key, top }) {
    const one = this.shown.get(key);
    if (one) this.log.scrollTop += one.node.getBoundingClientRect().top - top;
  }

  settle() {
    if (this.atBottom) this.toBottom();
  }

  toBottom() {
    this.atBottom = true;
    this.log.scrollTop = this.log.scrollHeight;
  }

  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.log;
    this.atBottom = scrollHeight - scrollTop - clientHeight < NEAR_BOTTOM;
    if (scrollTop < NEAR_TOP) this.actions.onTop();
    this.actions.onPlace();
  }

  /** Whether somebody can see the log at all: a hidden tab or pane reads nothing. */
  isVisible() {
    return !document.hidden && this.log.clientHeight > 0 && this.log.offsetParent !== null;
  }

  fillsScreen() {
    return this.log.scrollHeight > this.log.clientHeight + NEAR_TOP;
  }

  isAbove(key) {
    const one = this.shown.get(key);
    return Boolean(one) && one.node.getBoundingClientRect().bottom < this.log.getBoundingClientRect().top;
  }

  /** False when that line is not there. */
  reveal(key, flash = true) {
    const one = this.shown.get(key);
    if (!one) return false;
    this.atBottom = false;
    one.node.scrollIntoView({ block: 'center' });
    if (!flash) return true;
    one.node.classList.add('flash');
    setTimeout(() => one.node.classList.remove('flash'), FLASH);
    return true;
  }
}
