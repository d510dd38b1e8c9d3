// One line of the log: a message, one that is still on its way, a date, or the mark before what is new.

import { buttonsOf, cardOf } from './card.js';
import { h, icon, linked } from './dom.js';
import { avatar, tags } from './people.js';
import { photoUrl } from './photos.js';
import { words } from './words.js';

function photo(url, index, urls, actions) {
  const image = h('img', { src: url, alt: '', loading: 'lazy', decoding: 'async' });
  const button = h('button', { type: 'button', class: 'photo', 'aria-label': words.photoOf(index + 1, urls.length),
    onclick: () => actions.view(urls, index) }, image);
  image.addEventListener('error', () => {
    button.classList.add('gone');
    button.disabled = true;
    button.textContent = words.photoGone;
  });
  return button;
}

function photosOf(urls, actions) {
  if (!urls.length) return null;
  const count = urls.length === 1 ? 'one' : urls.length === 2 || urls.length === 4 ? 'pair' : 'many';
  return h('div', { class: `photos ${count}` }, urls.map((url, index) => photo(url, index, urls, actions)));
}

function quoteOf(quote, actions) {
  if (!quote) return null;
  const text = quote.text || (quote.photo ? words.photo : words.quoteRecalled);
  return h('button', { type: 'button', class: 'quote', onclick: () => actions.jump(quote.n) },
    h('span', { class: 'quote-name' }, quote.name), `：${text}`);
}

function bubble(text, quote, photos, actions) {
  const parts = [quoteOf(quote, actions), text ? h('div', { class: 'text' }, linked(text)) : null, photos].filter(Boolean);
  if (!parts.length) return null;
  const bare = parts.length === 1 && parts[0] === photos;
  return h('div', { class: `bubble${bare ? ' bare' : ''}` }, parts);
}

const sendingMark = () => h('span', { class: 'state', role: 'img', 'aria-label': words.sending, title: words.sending }, icon('clock'));

function failedMark(entry, actions) {
  const retry = entry.hopeless ? null
    : h('button', { type: 'button', class: 'mini', onclick: () => actions.retry(entry.cid) }, icon('retry'), words.retry);
  return h('div', { class: 'failed' }, icon('alert'), h('span', null, entry.error), retry,
    h('button', { type: 'button', class: 'mini', onclick: () => actions.remove(entry.cid) }, words.remove));
}

function stateOf(entry, actions) {
  if (!entry || entry.state === 'sent') return null;
  return entry.state === 'failed' ? failedMark(entry, actions) : sendingMark();
}

function shell(person, mine, follow, attributes, ...content) {
  const classes = ['msg', mine ? 'mine' : '', person.bot ? 'from-bot' : '', follow ? 'follow' : ''].filter(Boolean).join(' ');
  return h('article', { class: classes, ...attributes },
    follow ? h('div', { class: 'avatar-gap' }) : avatar(person), h('div', { class: 'body' }, content));
}

function whoOf(message, line) {
  if (line.mine) return null;
  if (line.follow || line.plain) return h('span', { class: 'offscreen' }, words.sender(message.from.name));
  return h('div', { class: 'who' }, h('span', { class: 'who-name' }, message.from.name), tags(message.from));
}

export function messageRow(message, line, actions) {
  const photos = photosOf(message.photos.map(photoUrl), actions);
  const more = h('button', { type: 'button', class: 'more', 'aria-haspopup': 'menu', 'aria-label': words.menuOf(message.from.name),
    onclick: (event) => actions.menu(message, event.currentTarget) }, icon('more'));
  const failed = line.entry && line.entry.state === 'failed';
  const state = stateOf(line.entry, actions);
  const stack = h('div', { class: 'stack' },
    bubble(message.text, message.quote, message.card ? null : photos, actions),
    message.card ? cardOf(message, photos) : null,
    buttonsOf(message, line.busy, (data) => actions.press(message.n, data)));
  return shell(message.from, line.mine, line.follow, { 'data-n': message.n, 'data-testid': `msg-${message.n}` },
    whoOf(message, line),
    h('div', { class: 'content' }, stack, more, failed ? null : state),
    failed ? state : null,
    message.edited && !message.from.bot ? h('div', { class: 'meta' }, words.edited) : null);
}

export function unsentRow(entry, me, follow, actions) {
  const urls = entry.pictures.map((picture) => picture.url || photoUrl(picture.hash));
  const state = stateOf(entry, actions);
  const failed = entry.state === 'failed';
  return shell(me, true, follow, { 'data-cid': entry.cid, 'aria-busy': failed ? null : 'true' },
    h('div', { class: 'content' },
      h('div', { class: 'stack' }, bubble(entry.text, entry.quoted, photosOf(urls, actions), actions)), failed ? null : state),
    failed ? state : null);
}

export function recalledRow(message, mine) {
  return h('div', { class: 'notice', 'data-n': message.n, 'data-testid': `msg-${message.n}` },
    words.recalled(mine ? words.you : message.from.name));
}

export const timeRow = (text) => h('div', { class: 'notice time' }, text);

export const newRow = () => h('div', { class: 'new-mark', role: 'separator' }, h('span', null, words.newBelow));
