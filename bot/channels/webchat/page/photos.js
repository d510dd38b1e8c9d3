// Photos on their way up: made smaller where they are large, sent one by one, their address in the room.

import { words } from './words.js';

const KEEP_BELOW = 4 * 1024 * 1024; // bytes; smaller files go as they are, with the place a report may need (the server strips it)
const LONGEST = 2560; // pixels
const QUALITY = 0.86;
const READABLE = ['image/jpeg', 'image/png', 'image/webp', 'image/gif'];

export const MOST = 9; // photos a message

export const photoUrl = (hash) => `photo/${encodeURIComponent(hash)}`;

function load(url) {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = () => reject(new Error(words.photoFailed));
    image.src = url;
  });
}

function draw(image) {
  const scale = Math.min(1, LONGEST / Math.max(image.naturalWidth, image.naturalHeight));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
  canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
  const context = canvas.getContext('2d');
  context.fillStyle = '#fff'; // a transparent picture would turn black as JPEG
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => { canvas.toBlob(resolve, 'image/jpeg', QUALITY); });
}

/** The file itself, or a smaller JPEG. What this browser cannot read goes as it is: the server says what is wrong with it. */
async function lighter(file, url) {
  if (file.size <= KEEP_BELOW && READABLE.includes(file.type)) return file;
  try {
    return (await draw(await load(url))) || file;
  } catch (unreadable) {
    return file;
  }
}

async function upload(body) {
  const form = new FormData();
  form.append('photo', body, 'photo.jpg');
  let answer;
  try {
    answer = await fetch('photo', { method: 'POST', body: form, credentials: 'same-origin' });
  } catch (unreachable) {
    throw new Error(words.photoFailed);
  }
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok || !said.photo) throw new Error(said.error || words.photoFailed);
  return said.photo;
}

/** Starts sending a chosen file up at once, so that it is mostly there when the writer presses send. */
export function startUpload(file) {
  const picture = { url: URL.createObjectURL(file), hash: null, done: null };
  picture.again = async () => { picture.hash = await upload(await lighter(file, picture.url)); };
  picture.done = picture.again();
  picture.done.catch(() => {}); // whoever sends the message waits for `done` and hears of it
  return picture;
}

export function releasePicture(picture) {
  if (picture.url) URL.revokeObjectURL(picture.url);
}
