// A photo over the whole screen; tap it for its full size, tap beside it or press Esc to leave.

import { byId } from './dom.js';

let urls = [];
let index = 0;
let opener = null;

function show(next) {
  index = (next + urls.length) % urls.length;
  const image = byId('viewer-image');
  image.classList.remove('full');
  image.src = urls[index];
  byId('viewer-count').textContent = urls.length > 1 ? `${index + 1} / ${urls.length}` : '';
  byId('viewer-prev').hidden = urls.length < 2;
  byId('viewer-next').hidden = urls.length < 2;
}

function close() {
  byId('viewer').hidden = true;
  byId('viewer-image').removeAttribute('src');
  if (opener && document.contains(opener)) opener.focus({ preventScroll: true });
}

export function openViewer(list, at) {
  opener = document.activeElement;
  urls = list;
  byId('viewer').hidden = false;
  show(at);
  byId('viewer-close').focus();
}

function keyPressed(event) {
  if (byId('viewer').hidden) return;
  if (event.key === 'Escape') close();
  else if (event.key === 'ArrowRight') show(index + 1);
  else if (event.key === 'ArrowLeft') show(index - 1);
  else if (event.key === 'Tab') byId('viewer-close').focus();
  else return;
  event.preventDefault();
}

export function watchViewer() {
  byId('viewer-close').addEventListener('click', close);
  byId('viewer-prev').addEventListener('click', () => show(index - 1));
  byId('viewer-next').addEventListener('click', () => show(index + 1));
  byId('viewer-image').addEventListener('click', () => byId('viewer-image').classList.toggle('full'));
  byId('viewer-stage').addEventListener('click', (event) => { if (event.target.id === 'viewer-stage') close(); });
  document.addEventListener('keydown', keyPressed);
}
