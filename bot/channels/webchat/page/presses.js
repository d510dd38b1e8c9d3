// Buttons that were pressed and have no answer yet.

import { newId } from './shelf.js';

const ANSWER_WITHIN = 15000; // ms

export class Presses {
  /** `send(frame)` → bool; `onChange(roomId)`; `onTimeout()`. */
  constructor({ send, onChange, onTimeout }) {
    Object.assign(this, { send, onChange, onTimeout, waiting: new Map() });
  }

  press(room, n, data) {
    if (this.busy(room, n).includes(data)) return;
    const cid = newId();
    const timer = setTimeout(() => this.giveUp(cid), ANSWER_WITHIN);
    this.waiting.set(cid, { room, n, data, timer, frame: { op: 'press', cid, room, n, data } });
    this.send(this.waiting.get(cid).frame);
    this.onChange(room);
  }

  busy(room, n) {
    return Array.from(this.waiting.values()).filter((one) => one.room === room && one.n === n).map((one) => one.data);
  }

  /** After a reconnect; the same cid makes a second press harmless. */
  sendAgain() {
    this.waiting.forEach((one) => this.send(one.frame));
  }

  /** True when this answer belonged to a press. */
  answered(cid) {
    const one = this.waiting.get(cid);
    if (!one) return false;
    clearTimeout(one.timer);
    this.waiting.delete(cid);
    this.onChange(one.room);
    return true;
  }

  giveUp(cid) {
    if (this.answered(cid)) this.onTimeout();
  }
}
