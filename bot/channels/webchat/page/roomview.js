// The open room: what is new in it, what has been read, older messages, jumping to one of them.

import { byId, empty, icon } from './dom.js';
import { words } from './words.js';
import { Thread } from './thread.js';
import { toast } from './toast.js';

const MOST_PAGES = 20; // pages of history fetched for one jump

export class RoomView {
  /** `send(frame)` → bool, `actions` for message.js, `onRead()` when the unread counts changed. */
  constructor({ store, outbox, presses, send, actions, onRead }) {
    Object.assign(this, { store, outbox, send, onRead, room: null, mark: null, missed: 0, goal: null, loading: false });
    const context = { outbox, presses, me: () => ({ ...store.me, bot: false }), messages: (room) => store.ordered(room) };
    const own = { jump: (n) => this.jump(n), onTop: () => this.loadOlder(), onPlace: () => this.moved() };
    this.thread = new Thread(context, { ...actions, ...own });
    byId('pill').addEventListener('click', () => this.thread.toBottom());
    byId('pill-up').addEventListener('click', () => this.toMark());
    document.addEventListener('visibilitychange', () => this.markRead());
    window.addEventListener('focus', () => this.markRead());
  }

  open(room) {
    Object.assign(this, { room, missed: 0, goal: null, loading: false });
    this.unreadAtOpening = this.store.unread(room);
    this.mark = room.read && this.unreadAtOpening ? room.read : null;
    this.thread.clear();
    this.refresh();
    this.thread.toBottom();
  }

  close() {
    this.room = null;
    this.thread.clear();
  }

  is(id) {
    return Boolean(this.room) && this.room.id === id;
  }

  refresh() {
    if (!this.room) return;
    // After a server that went back in time the room is a new object.
    this.room = this.store.room(this.room.id);
    const { room } = this;
    byId('room-title').textContent = room.title;
    byId('room-members').textContent = room.kind === 'private' || !room.members ? '' : words.members(room.members);
    this.thread.render(room, this.mark);
    this.markRead();
    this.renderPills();
    if (room.messages.size && !this.thread.fillsScreen()) this.loadOlder();
  }

  /** New messages of the open room; `fresh` are those that were not known. */
  arrived(fresh) {
    const others = fresh.filter((message) => message.n > this.room.read && message.from.id !== this.store.me.id);
    if (!this.thread.atBottom) this.missed += others.length;
    this.refresh();
  }

  moved() {
    if (this.thread.atBottom) this.missed = 0;
    this.renderPills();
    this.markRead();
  }

  /** Tells the server what has been seen: only what stands at the bottom of a log that is on the screen. */
  markRead() {
    const { room, thread } = this;
    if (!room || !thread.atBottom || !thread.isVisible() || room.read >= room.last || !room.messages.has(room.last)) return;
    if (!this.send({ op: 'read', room: room.id, n: room.last })) return;
    this.store.setRead(room.id, room.last);
    this.onRead();
  }

  renderPills() {
    const pill = byId('pill');
    pill.hidden = this.thread.atBottom;
    pill.classList.toggle('round', !this.missed);
    pill.setAttribute('aria-label', this.missed ? words.newMessages(this.missed) : words.toBottom);
    empty(pill, icon('down'), this.missed ? words.newMessages(this.missed) : null);
    this.renderPillUp();
  }

  /** The way up to the first new message, until the reader has been there. */
  renderPillUp() {
    const pill = byId('pill-up');
    const above = this.thread.isAbove('new');
    if (this.thread.shown.has('new') && !above) this.unreadAtOpening = 0;
    pill.hidden = !above || !this.unreadAtOpening;
    empty(pill, icon('up'), words.newMessages(this.unreadAtOpening));
  }

  toMark() {
    this.thread.reveal('new', false);
  }

  loadOlder() {
    const { room } = this;
    if (!room || !room.more || this.loading || !room.low) return;
    this.loading = this.send({ op: 'history', room: room.id, before: room.low });
    this.renderLoading();
  }

  renderLoading() {
    byId('older').hidden = !this.loading;
    byId('log').setAttribute('aria-busy', this.loading ? 'true' : 'false');
  }

  /** A page of older messages came for the open room. */
  olderArrived() {
    this.loading = false;
    this.refresh();
    this.renderLoading();
    if (this.goal) this.jump(this.goal.n, this.goal.pages - 1);
  }

  /** No answer to a request for older messages will come; scrolling asks again. */
  pageRefused() {
    Object.assign(this, { loading: false, goal: null });
    this.renderLoading();
  }

  /** Shows a quoted message, fetching history until it is there. */
  jump(n, pages = MOST_PAGES) {
    this.goal = null;
    if (this.thread.reveal(`m${n}`)) return;
    const { room } = this;
    if (!room.more || n >= room.low || pages <= 0) {
      toast(words.quoteGone);
      return;
    }
    this.goal = { n, pages };
    this.loadOlder();
  }
}
