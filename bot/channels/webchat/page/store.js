// What the page knows: rooms and their messages. Pure data, no elements, no network.

import { words } from './words.js';

function newRoom(id) {
  return {
    id, title: '', kind: 'residents', members: 0, rev: 0, last: 0, read: 0, preview: '', at: '',
    known: 0, // highest revision seen; what `hello` tells the server
    low: 0, // lowest number of the unbroken run up to the newest; below it there may be a gap
    more: true, // older messages may exist on the server
    messages: new Map(),
  };
}

export function previewOf(message) {
  if (message.recalled) return words.recalled(message.from.name);
  const text = message.text || (message.card && message.card.title) || (message.photos.length ? words.photo : '');
  return `${message.from.name}：${text}`;
}

export class Store {
  constructor() {
    this.me = { id: '', name: '', staff: false };
    this.rooms = new Map();
  }

  /** True when the server is behind what we have seen (it was restored): the caller must say hello again. */
  welcome(frame) {
    this.me = frame.me;
    const wentBack = frame.rooms.filter((entry) => this.room(entry.id).known > entry.rev);
    wentBack.forEach((entry) => this.rooms.set(entry.id, newRoom(entry.id)));
    const ids = new Set(frame.rooms.map((entry) => entry.id));
    for (const id of Array.from(this.rooms.keys())) if (!ids.has(id)) this.rooms.delete(id);
    frame.rooms.forEach((entry) => this.update(entry));
    return wentBack.length > 0;
  }

  room(id) {
    if (!this.rooms.has(id)) this.rooms.set(id, newRoom(id));
    return this.rooms.get(id);
  }

  update(entry) {
    const room = this.room(entry.id);
    const { op, ...facts } = entry;
    facts.last = Math.max(room.last, entry.last || 0);
    facts.read = Math.max(room.read, entry.read || 0);
    Object.assign(room, facts);
  }

  revisions() {
    const known = {};
    for (const room of this.rooms.values()) if (room.known) known[room.id] = room.known;
    return known;
  }

  /** Takes messages in; returns those that were not there before. */
  merge(id, messages) {
    const room = this.room(id);
    const fresh = messages.filter((message) => !room.messages.has(message.n));
    messages.forEach((message) => this.put(room, message));
    this.extendRun(room);
    return fresh;
  }

  /** The same for what the server pushed: its revisions count as seen. */
  push(id, messages) {
    const fresh = this.merge(id, messages);
    const room = this.room(id);
    messages.forEach((message) => { room.known = Math.max(room.known, message.rev); });
    return fresh;
  }

  put(room, message) {
    const old = room.messages.get(message.n);
    if (old && old.rev > message.rev) return;
    room.messages.set(message.n, message);
    if (message.n < room.last) return;
    Object.assign(room, { last: message.n, at: message.at, preview: previewOf(message) });
  }

  /** An old message that was edited may arrive alone, far below the others; it waits there until history joins them. */
  extendRun(room) {
    if (!room.messages.size) return;
    if (!room.low) room.low = Math.max(...room.messages.keys());
    while (room.messages.has(room.low - 1)) room.low -= 1;
    if (room.low <= 1) room.more = false;
  }

  history(frame) {
    const room = this.room(frame.room);
    this.merge(frame.room, frame.msgs);
    // Numbers below may have gone with their retention time; then the run simply starts later.
    if (frame.msgs.length) room.low = Math.min(room.low || Infinity, ...frame.msgs.map((message) => message.n));
    room.more = frame.more;
  }

  ordered(room) {
    const shown = Array.from(room.messages.values()).filter((message) => message.n >= room.low);
    return shown.sort((a, b) => a.n - b.n);
  }

  /** How many messages of others lie above the read mark. */
  unread(room) {
    let count = Math.max(0, room.last - room.read);
    for (const message of room.messages.values()) if (message.n > room.read && message.from.id === this.me.id) count -= 1;
    return Math.max(0, count);
  }

  unreadTotal() {
    return Array.from(this.rooms.values()).reduce((sum, room) => sum + this.unread(room), 0);
  }

  setRead(id, n) {
    const room = this.room(id);
    room.read = Math.max(room.read, n);
  }

  /** Newest first; ISO times of one server compare as text. */
  listed() {
    return Array.from(this.rooms.values()).sort((a, b) => (b.at || '').localeCompare(a.at || ''));
  }
}
