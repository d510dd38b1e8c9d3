// Puts the parts of the page together: frames in, actions out.

import { Composer } from './composer.js';
import { Connection } from './connection.js';
import { byId, copyText } from './dom.js';
import { openMenu, watchMenus } from './menu.js';
import { Navigation } from './navigation.js';
import { Outbox } from './outbox.js';
import { Presses } from './presses.js';
import { renderRooms, renderTitle } from './rooms.js';
import { RoomView } from './roomview.js';
import { newId, Shelf } from './shelf.js';
import { Store } from './store.js';
import { toast } from './toast.js';
import { openViewer, watchViewer } from './viewer.js';
import { words } from './words.js';

const EDITABLE_FOR = 24 * 3600 * 1000; // ms
const BAR_AFTER = 1500; // ms without a connection before the bar says so; a blink needs no words

const seat = location.pathname.split('/').filter(Boolean).pop();
const shelf = new Shelf(seat);
const store = new Store();
const connection = new Connection({ hello: () => ({ op: 'hello', revs: store.revisions() }), onFrame, onState });
const send = (frame) => connection.send(frame);
const presses = new Presses({ send, onChange: changed, onTimeout: () => toast(words.noAnswer, 'bad') });
const outbox = new Outbox(shelf, { send, onChange: changed, onSilence: () => connection.renew() });
const view = new RoomView({ store, outbox, presses, send, onRead: renderLists, actions: {
  view: openViewer,
  menu: (message, button) => showMenu(message, button.closest('.msg').querySelector('.stack'), button),
  press: (n, data) => presses.press(view.room.id, n, data),
  retry: (cid) => outbox.retry(cid),
  remove: (cid) => outbox.remove(cid),
} });
const composer = new Composer({ onSay: say, onEdit: edit, onDraft: (text) => keepDraft(text) });
const navigation = new Navigation({ onOpen: showRoom, onClose: hideRoom, onFill: (text) => composer.fill(text) });

function keepDraft(text) {
  if (!view.room) return;
  if (text) shelf.put(`draft:${view.room.id}`, text);
  else shelf.drop(`draft:${view.room.id}`);
}

function renderLists() {
  renderRooms(store, view.room && view.room.id, (id) => navigation.open(id));
  const total = store.unreadTotal();
  renderTitle(total);
  byId('back-count').textContent = total ? (total > 99 ? '99+' : total) : '';
}

function changed(roomId) {
  if (view && view.is(roomId)) view.refresh();
}

function showRoom(id) {
  if (!store.rooms.has(id)) return;
  if (!view.is(id)) {
    view.open(store.room(id));
    composer.reset(shelf.take(`draft:${id}`) || '');
    if (window.matchMedia('(hover: hover) and (pointer: fine)').matches && !navigation.embedded) composer.focus();
  }
  renderLists();
}

function hideRoom() {
  view.close();
  renderLists();
}

function say({ text, quoted, pictures }) {
  const { room } = view;
  const quote = quoted && { n: quoted.n, name: quoted.from.name, text: quoted.text, photo: quoted.photos.length > 0 };
  view.thread.atBottom = true;
  outbox.add({ room: room.id, text, quote: quoted ? quoted.n : null, quoted: quote || null, pictures, after: room.last });
  view.refresh();
}

function edit(message, text) {
  if (text === message.text) return;
  if (!send({ op: 'edit', cid: newId(), room: view.room.id, n: message.n, text })) toast(words.offline, 'bad');
}

function recall(message) {
  if (!send({ op: 'recall', cid: newId(), room: view.room.id, n: message.n })) toast(words.offline, 'bad');
}

async function copy(message) {
  toast((await copyText(plainText(message))) ? words.copied : words.copyFailed);
}

function plainText({ text, card }) {
  if (!card) return text;
  const lines = card.lines.map(([label, value]) => `${label}：${value}`);
  return [text, card.title, ...lines].filter(Boolean).join('\n');
}

function menuItems(message) {
  const mine = message.from.id === store.me.id;
  const young = Date.now() - Date.parse(message.at) < EDITABLE_FOR;
  const items = [{ label: words.reply, icon: 'reply', run: () => composer.quote(message) }];
  if (plainText(message)) items.push({ label: words.copy, icon: 'copy', run: () => copy(message) });
  if (!mine && view.room.kind !== 'private') {
    items.push({ label: words.mention, icon: 'mention', run: () => composer.insert(`@${message.from.name} `) });
  }
  if (mine && young && message.text) items.push({ label: words.edit, icon: 'edit', run: () => composer.edit(message) });
  if (mine) items.push({ label: words.recall, icon: 'recall', run: () => recall(message) });
  return items;
}

function showMenu(message, anchor, focusBack) {
  openMenu(menuItems(message), anchor, focusBack);
}

function heldMessage(node) {
  const message = view.room.messages.get(Number(node.dataset.n));
  if (message && !message.recalled) showMenu(message, node.querySelector('.stack'), node.querySelector('.more'));
}

const takes = {
  welcome(frame) {
    if (store.welcome(frame)) setTimeout(() => connection.renew());
    byId('me').textContent = store.me.name;
    navigation.ready(store);
    if (view.room) view.refresh();
  },
  msgs(frame) {
    const fresh = store.push(frame.room, frame.msgs);
    fresh.filter((message) => message.from.id === store.me.id).forEach((message) => outbox.claim(frame.room, message));
    forget(frame.room);
    if (view.is(frame.room)) view.arrived(fresh);
  },
  history(frame) {
    store.history(frame);
    if (view.is(frame.room)) view.olderArrived();
  },
  said(frame) {
    outbox.said(frame.cid, frame.n);
    forget(frame.room);
    changed(frame.room);
  },
  pressed(frame) {
    presses.answered(frame.cid);
    toast(frame.text);
  },
  room(frame) {
    store.update(frame);
    navigation.ready(store);
    changed(frame.id);
  },
  read(frame) {
    store.setRead(frame.room, frame.n);
  },
  error(frame) {
    presses.answered(frame.cid);
    if (!frame.cid) view.pageRefused();
    if (!outbox.refused(frame.cid, frame.text)) toast(frame.text, 'bad');
  },
};

function forget(roomId) {
  outbox.forgetSeen(roomId, (n) => store.room(roomId).messages.has(n));
}

function onFrame(frame) {
  if (!Object.prototype.hasOwnProperty.call(takes, frame.op)) return; // a newer server may say more
  takes[frame.op](frame);
  renderLists();
}

let barTimer = 0;

function showLine(isOpen) {
  if (isOpen) {
    clearTimeout(barTimer);
    barTimer = 0;
    byId('link-bar').hidden = true;
  } else if (!barTimer) {
    barTimer = setTimeout(() => { byId('link-bar').hidden = false; }, BAR_AFTER);
  }
}

function lineOpened() {
  presses.sendAgain();
  outbox.pump();
  view.markRead();
}

function onState(state) {
  showLine(state === 'open');
  if (state === 'open') {
    lineOpened();
    return;
  }
  outbox.lineLost();
  view.pageRefused();
  byId('gone').hidden = state !== 'gone';
}

watchMenus(byId('log'), heldMessage);
watchViewer();
connection.open();
