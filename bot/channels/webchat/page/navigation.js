// Which room is open, in the address and in the back button. In a frame (`?embed=1`) the page around it decides too.

import { byId } from './dom.js';

const query = () => new URLSearchParams(location.search);

export class Navigation {
  /** `onOpen(id)`, `onClose()`, `onFill(text)` when the page around puts words into the composer. */
  constructor({ onOpen, onClose, onFill }) {
    Object.assign(this, { onOpen, onClose, onFill, current: null, entered: false });
    this.embedded = query().get('embed') === '1';
    this.wanted = query().get('room');
    document.documentElement.classList.toggle('embed', this.embedded);
    byId('back').addEventListener('click', () => this.back());
    window.addEventListener('popstate', () => this.fromAddress());
    window.addEventListener('message', (event) => this.fromFrame(event));
    this.fitKeyboard();
  }

  /** The rooms are known (again): opens the wanted one, closes one that is gone. */
  ready(store) {
    if (this.current && !store.rooms.has(this.current)) this.leave();
    if (!this.wanted && !this.entered && store.rooms.size === 1) this.wanted = Array.from(store.rooms.keys())[0];
    this.entered = true;
    if (!this.wanted || !store.rooms.has(this.wanted)) return;
    const id = this.wanted;
    this.wanted = null;
    this.show(id);
    this.write('replaceState', id);
  }

  open(id) {
    if (id === this.current) return;
    this.write(this.current || this.embedded ? 'replaceState' : 'pushState', id);
    this.show(id);
  }

  show(id) {
    this.current = id;
    byId('app').dataset.pane = 'room';
    this.onOpen(id);
  }

  leave() {
    this.current = null;
    byId('app').dataset.pane = 'list';
    this.onClose();
  }

  /** Back to the list: by the history where the list is in it, so that the phone's own button agrees. */
  back() {
    if (history.state && history.state.fromList) history.back();
    else {
      this.write('replaceState', null);
      this.leave();
    }
  }

  write(how, id) {
    const search = query();
    if (id) search.set('room', id);
    else search.delete('room');
    const fromList = how === 'pushState' || Boolean(history.state && history.state.fromList && id);
    history[how]({ fromList }, '', `${location.pathname}${search.toString() ? `?${search}` : ''}`);
  }

  fromAddress() {
    const id = query().get('room');
    if (id) this.show(id);
    else this.leave();
  }

  fromFrame(event) {
    if (event.origin !== location.origin || event.source !== window.parent || !event.data) return;
    const { openRoom, fill } = event.data;
    if (openRoom && openRoom !== this.current) this.goTo(openRoom);
    if (fill && this.current) this.onFill(String(fill));
  }

  goTo(id) {
    this.wanted = id;
    this.write('replaceState', id);
    if (!this.entered) return;
    this.wanted = null;
    this.show(id);
  }

  /** The height that the keyboard leaves, where the browser does not shrink the page itself (iOS). */
  fitKeyboard() {
    const port = window.visualViewport;
    if (!port) return;
    const fit = () => {
      if (port.scale > 1.01) return; // zoomed in by the reader, not by a keyboard
      document.documentElement.style.setProperty('--height', `${port.height}px`);
      window.scrollTo(0, 0);
    };
    port.addEventListener('resize', fit);
    port.addEventListener('scroll', fit);
    fit();
  }
}
