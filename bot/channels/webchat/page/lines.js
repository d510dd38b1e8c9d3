// From messages to the lines of the log: which dates, marks and joined bubbles it has. Pure; building elements is message.js.

import { daysBetween, longTime } from './time.js';

const PAUSE = 5 * 60 * 1000; // ms without a message before the time is shown again
const JOIN = 2 * 60 * 1000; // ms within which one person's messages share a name and an avatar

const gap = (before, message) => Date.parse(message.at) - Date.parse(before.at);
const otherDay = (before, message) => daysBetween(new Date(before.at), new Date(message.at)) !== 0;

const wantsTime = (before, message) => !before || gap(before, message) > PAUSE || otherDay(before, message);

function joins(before, message) {
  return Boolean(before) && !before.recalled && before.from.id === message.from.id && gap(before, message) < JOIN;
}

function messageLine(message, context, follow) {
  const busy = context.presses.busy(context.room.id, message.n);
  const entry = context.outbox.pendingFor(context.room.id, message.n);
  const mine = message.from.id === context.me.id;
  const state = entry ? entry.state + entry.error : '';
  const sign = [message.rev, follow, mine, busy.join(), state].join('|');
  const kind = message.recalled ? 'recalled' : 'message';
  return { key: `m${message.n}`, sign, kind, message, follow, mine, busy, entry, plain: context.room.kind === 'private' };
}

function unsentLine(entry, follow) {
  return { key: `c${entry.cid}`, sign: [entry.state, entry.error, follow].join('|'), kind: 'unsent', entry, follow };
}

/** `context`: {room, me, messages, outbox, presses, mark}; `mark` is the number after which things are new, or null. */
export function linesOf(context) {
  const lines = [];
  let before = null;
  let marked = context.mark === null;
  for (const message of context.messages) {
    const time = wantsTime(before, message);
    if (time) lines.push({ key: `t${message.n}`, sign: longTime(message.at), kind: 'time', text: longTime(message.at) });
    const mark = !marked && message.n > context.mark;
    if (mark) lines.push({ key: 'new', sign: '', kind: 'new' });
    marked = marked || mark;
    lines.push(messageLine(message, context, !time && !mark && joins(before, message)));
    before = message;
  }
  return lines.concat(unsentLines(context, before));
}

function unsentLines(context, before) {
  const shown = context.outbox.inRoom(context.room.id).filter((entry) => !entry.shownAs || entry.n);
  return shown.map((entry, index) => unsentLine(entry, index > 0 || joins(before, { from: context.me, at: entry.at })));
}
