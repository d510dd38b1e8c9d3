// What was written here and is not yet acknowledged. Text survives a reload: it lies in localStorage under its own key,
// one per message, so that two tabs of one person do not overwrite each other. The server drops a second one by its cid.

import { releasePicture } from './photos.js';
import { newId } from './shelf.js';
import { words } from './words.js';

const SENDING = 'sending';
const FAILED = 'failed';
const STALE_AFTER = 12 * 3600 * 1000; // ms; older ones are not sent behind the writer's back
const ANSWER_WITHIN = 12000; // ms until a silent connection is suspected

/** One photo chosen twice is one photo. */
const hashesOf = (entry) => Array.from(new Set(entry.pictures.map((picture) => picture.hash)));

export class Outbox {
  /** `send(frame)` → bool; `onChange(roomId)`; `onSilence()` when an answer is overdue. */
  constructor(shelf, { send, onChange, onSilence }) {
    Object.assign(this, { shelf, send, onChange, onSilence });
    this.entries = shelf.keys('unsent:').map((key) => this.restore(shelf.take(key))).filter(Boolean);
    this.entries.sort((a, b) => a.at.localeCompare(b.at));
  }

  restore(kept) {
    if (!kept || !kept.cid) return null;
    const entry = { ...kept, inFlight: false, pictures: kept.photos.map((hash) => ({ hash })), n: null };
    if (kept.waiting) Object.assign(entry, { state: FAILED, error: words.photoLost, hopeless: true });
    else if (Date.now() - Date.parse(kept.at) > STALE_AFTER) Object.assign(entry, { state: FAILED, error: words.staleUnsent });
    return entry;
  }

  /** `pictures`: [{hash|null, url, done: Promise}]; `after`: the newest number known when it was written. */
  add({ room, text, quote, quoted, pictures, after }) {
    const entry = { cid: newId(), room, text, quote, quoted, pictures, after, at: new Date().toISOString(),
      state: SENDING, error: '', inFlight: false, n: null };
    this.entries.push(entry);
    this.keep(entry);
    pictures.filter((picture) => !picture.hash).forEach((picture) => this.await(entry, picture));
    this.pump();
  }

  async await(entry, picture) {
    try {
      await picture.done;
      this.keep(entry);
      this.pump();
    } catch (refused) {
      this.fail(entry, refused.message);
    }
  }

  keep(entry) {
    const { cid, room, text, quote, quoted, at, state, error, after } = entry;
    const photos = entry.pictures.map((picture) => picture.hash).filter(Boolean);
    const waiting = entry.pictures.length - photos.length;
    this.shelf.put(`unsent:${cid}`, { cid, room, text, quote, quoted, at, state, error, after, photos, waiting });
  }

  inRoom(room) {
    return this.entries.filter((entry) => entry.room === room);
  }

  find(cid) {
    return this.entries.find((entry) => entry.cid === cid);
  }

  /** One message of a room is on its way at a time: so the order holds whatever the line does. */
  pump() {
    const busy = new Set(this.entries.filter((entry) => entry.inFlight).map((entry) => entry.room));
    for (const entry of this.entries) {
      if (entry.state !== SENDING || entry.n || busy.has(entry.room) || !entry.pictures.every((picture) => picture.hash)) continue;
      busy.add(entry.room);
      this.dispatch(entry);
    }
  }

  dispatch(entry) {
    const photos = hashesOf(entry);
    const frame = { op: 'say', cid: entry.cid, room: entry.room, text: entry.text, quote: entry.quote, photos };
    entry.inFlight = this.send(frame);
    if (entry.inFlight) entry.timer = setTimeout(() => entry.inFlight && this.onSilence(), ANSWER_WITHIN);
  }

  /** The line is gone: what was on its way goes again. */
  lineLost() {
    this.entries.forEach((entry) => this.settle(entry));
  }

  settle(entry) {
    clearTimeout(entry.timer);
    entry.inFlight = false;
  }

  /** Acknowledged. The bubble stays until the message itself is in the room's log (`seen`). */
  said(cid, n) {
    const entry = this.find(cid);
    if (!entry) return;
    this.settle(entry);
    Object.assign(entry, { n, state: 'sent' });
    this.shelf.drop(`unsent:${cid}`);
    this.onChange(entry.room);
    this.pump();
  }

  /** True when the error belonged to one of ours. */
  refused(cid, text) {
    const entry = this.find(cid);
    if (!entry) return false;
    this.fail(entry, text);
    return true;
  }

  fail(entry, text) {
    this.settle(entry);
    Object.assign(entry, { state: FAILED, error: text || words.failed });
    this.keep(entry);
    this.onChange(entry.room);
    this.pump();
  }

  retry(cid) {
    const entry = this.find(cid);
    if (!entry || entry.hopeless) return;
    entry.pictures.filter((picture) => picture.again && !picture.hash).forEach((picture) => {
      picture.done = picture.again();
      this.await(entry, picture);
    });
    Object.assign(entry, { state: SENDING, error: '' });
    this.onChange(entry.room);
    this.pump();
  }

  remove(cid) {
    const entry = this.find(cid);
    if (!entry) return;
    this.settle(entry);
    this.entries = this.entries.filter((other) => other !== entry);
    this.shelf.drop(`unsent:${cid}`);
    this.onChange(entry.room);
  }

  /** Our own message may arrive in the log before its acknowledgement: then it is shown there, still as "sending". */
  claim(room, message) {
    const same = (entry) => !entry.n && !entry.shownAs && message.n > entry.after && entry.text === message.text
      && hashesOf(entry).join() === message.photos.join();
    const entry = this.inRoom(room).find(same);
    if (entry) entry.shownAs = message.n;
  }

  /** Forgets acknowledged entries whose message is in the log now. */
  forgetSeen(room, has) {
    const seen = this.entries.filter((entry) => entry.room === room && entry.n && has(entry.n));
    this.entries = this.entries.filter((entry) => !seen.includes(entry));
    seen.forEach((entry) => entry.pictures.forEach(releasePicture));
  }

  /** Entry shown by message n of this room while its acknowledgement is still missing. */
  pendingFor(room, n) {
    return this.entries.find((entry) => entry.room === room && entry.shownAs === n && !entry.n);
  }
}
