// Where one writes: text, photos, a quote or an edit.

import { byId, empty, h, icon } from './dom.js';
import { MOST, releasePicture, startUpload } from './photos.js';
import { toast } from './toast.js';
import { words } from './words.js';

const TALLEST = 132; // px, about five lines
const TOUCH = '(hover: none), (pointer: coarse)';

export class Composer {
  /** `onSay({text, quote, pictures})`, `onEdit(message, text)`, `onDraft(text)`. */
  constructor(handlers) {
    this.handlers = handlers;
    this.input = byId('composer');
    this.send = byId('send');
    this.context = null; // {kind: 'quote' | 'edit', message}
    this.pictures = [];
    this.listen();
  }

  listen() {
    byId('compose').addEventListener('submit', (event) => { event.preventDefault(); this.submit(); });
    byId('context-close').addEventListener('click', () => this.leaveContext());
    byId('photo-input').addEventListener('change', (event) => { this.addFiles(event.target.files); event.target.value = ''; });
    byId('photo-button').addEventListener('click', () => byId('photo-input').click());
    this.input.addEventListener('input', () => this.changed());
    window.addEventListener('resize', () => this.fit());
    this.input.addEventListener('keydown', (event) => this.keyPressed(event));
    this.input.addEventListener('paste', (event) => this.pasted(event));
    // The button must not take the focus: the phone's keyboard would close after every message.
    this.send.addEventListener('mousedown', (event) => event.preventDefault());
  }

  keyPressed(event) {
    if (event.isComposing || event.keyCode === 229) return; // Enter that chooses a word of the input method
    if (event.key === 'Escape' && this.context) this.leaveContext();
    if (event.key !== 'Enter' || event.shiftKey || window.matchMedia(TOUCH).matches) return;
    event.preventDefault();
    this.submit();
  }

  pasted(event) {
    const files = event.clipboardData ? Array.from(event.clipboardData.files) : [];
    if (!files.length) return;
    event.preventDefault();
    this.addFiles(files);
  }

  /** As tall as its text. A page that is not shown (a frame behind a tab) has no width to measure by. */
  fit() {
    this.input.style.height = 'auto';
    if (this.input.clientWidth) this.input.style.height = `${Math.min(this.input.scrollHeight, TALLEST)}px`;
  }

  changed() {
    this.fit();
    this.send.disabled = !this.input.value.trim() && !this.pictures.length;
    if (!this.isEditing()) this.handlers.onDraft(this.input.value);
  }

  isEditing() {
    return Boolean(this.context) && this.context.kind === 'edit';
  }

  submit() {
    const text = this.input.value.trim();
    if (!text && !this.pictures.length) return;
    const { context, pictures } = this;
    this.pictures = [];
    this.context = null;
    this.input.value = '';
    this.changed();
    this.renderContext();
    this.renderPictures();
    if (context && context.kind === 'edit') this.handlers.onEdit(context.message, text);
    else this.handlers.onSay({ text, quoted: context && context.message, pictures });
  }

  /** Another room: its draft in, the old quote and photos out. */
  reset(draft) {
    this.pictures.forEach(releasePicture);
    Object.assign(this, { pictures: [], context: null });
    this.input.value = draft;
    this.changed();
    this.renderContext();
    this.renderPictures();
  }

  focus() {
    this.input.focus({ preventScroll: true });
  }

  insert(text) {
    this.input.value = `${text}${this.input.value}`;
    this.changed();
    this.focus();
  }

  fill(text) {
    this.input.value = text;
    this.changed();
    this.focus();
  }

  quote(message) {
    this.leaveContext();
    this.context = { kind: 'quote', message };
    this.renderContext();
    this.focus();
  }

  edit(message) {
    this.leaveContext();
    this.context = { kind: 'edit', message };
    this.input.value = message.text;
    this.changed();
    this.renderContext();
    this.focus();
  }

  leaveContext() {
    const wasEditing = this.isEditing();
    this.context = null;
    if (wasEditing) this.input.value = '';
    this.changed();
    this.renderContext();
  }

  renderContext() {
    byId('context').hidden = !this.context;
    byId('photo-button').disabled = this.isEditing();
    if (!this.context) return;
    const { kind, message } = this.context;
    const text = message.text || (message.card && message.card.title) || words.photo;
    byId('context-kind').textContent = kind === 'edit' ? words.editing : words.quoting(message.from.name);
    byId('context-text').textContent = text;
  }

  addFiles(files) {
    const images = Array.from(files).filter((file) => !file.type || file.type.startsWith('image/'));
    if (this.pictures.length + images.length > MOST) toast(words.photoTooMany, 'bad');
    images.slice(0, MOST - this.pictures.length).forEach((file) => this.addPicture(file));
    this.renderPictures();
    this.changed();
  }

  addPicture(file) {
    const picture = startUpload(file);
    this.pictures.push(picture);
    picture.done.catch((refused) => this.removeRefused(picture, refused)).then(() => this.renderPictures());
  }

  removeRefused(picture, refused) {
    if (!this.pictures.includes(picture)) return; // it was sent meanwhile: its bubble says so
    toast(refused.message, 'bad');
    this.removePicture(picture);
  }

  removePicture(picture) {
    this.pictures = this.pictures.filter((other) => other !== picture);
    releasePicture(picture);
    this.renderPictures();
    this.changed();
  }

  renderPictures() {
    byId('pictures').hidden = !this.pictures.length;
    empty(byId('pictures'), this.pictures.map((picture, index) => h('div', { class: `picture${picture.hash ? '' : ' uploading'}` },
      h('img', { src: picture.url, alt: '' }),
      h('button', { type: 'button', 'aria-label': words.removePhoto(index + 1), onclick: () => this.removePicture(picture) },
        icon('remove')))));
  }
}
