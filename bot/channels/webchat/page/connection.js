// One WebSocket that comes back by itself. It knows frames, not what they mean.

const FIRST_DELAY = 500; // ms; doubled with every failure
const LONGEST_DELAY = 20000;
const STABLE_AFTER = 5000; // ms open before failures are forgotten, so that a flapping server is not hammered
const STALE_AFTER = 45000; // ms in the background after which a socket is not trusted (phones cut them silently)
const GONE = [401, 410]; // not 404 or 403: a proxy says those while the server restarts

function address() {
  const url = new URL('ws', location.href.replace(/[?#].*$/, ''));
  url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

/** True when the server says that this seat's session is over; no answer at all means only "no network". */
async function seatIsGone() {
  try {
    const answer = await fetch('./', { credentials: 'same-origin', cache: 'no-store' });
    return GONE.includes(answer.status);
  } catch (unreachable) {
    return false;
  }
}

/** `handlers`: hello() → first frame, onFrame(frame), onState('open' | 'lost' | 'gone'). */
export class Connection {
  constructor(handlers) {
    this.handlers = handlers;
    this.socket = null;
    this.ready = false;
    this.failures = 0;
    this.timer = 0;
    this.hiddenSince = 0;
    this.over = false;
    window.addEventListener('online', () => this.renew());
    window.addEventListener('offline', () => this.lose());
    window.addEventListener('pageshow', (event) => event.persisted && this.renew());
    document.addEventListener('visibilitychange', () => this.visibilityChanged());
  }

  open() {
    if (this.over) return;
    clearTimeout(this.timer);
    const socket = new WebSocket(address());
    this.socket = socket;
    socket.onopen = () => this.socket === socket && socket.send(JSON.stringify(this.handlers.hello()));
    socket.onmessage = (event) => this.socket === socket && this.receive(JSON.parse(event.data));
    socket.onclose = () => this.socket === socket && this.lose();
  }

  receive(frame) {
    if (frame.op === 'welcome') {
      this.ready = true;
      this.stable = setTimeout(() => { this.failures = 0; }, STABLE_AFTER);
    }
    this.handlers.onFrame(frame);
    if (frame.op === 'welcome') this.handlers.onState('open');
  }

  /** False when there is no connection: the caller keeps what it wanted to send. */
  send(frame) {
    if (!this.ready || this.socket.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** Drops a socket that may be dead and opens a new one at once. */
  renew() {
    this.failures = 0;
    this.drop();
    this.handlers.onState('lost');
    this.open();
  }

  drop() {
    const socket = this.socket;
    this.socket = null;
    this.ready = false;
    clearTimeout(this.stable);
    clearTimeout(this.timer);
    if (socket) socket.close();
  }

  async lose() {
    const wasReady = this.ready;
    this.drop();
    if (this.over) return;
    this.handlers.onState('lost');
    if (!wasReady && await seatIsGone()) this.end();
    else if (this.socket === null) this.timer = setTimeout(() => this.open(), this.delay());
  }

  end() {
    this.over = true;
    this.handlers.onState('gone');
  }

  /** Half of the doubled delay is chance, so that a room full of phones does not come back in one second. */
  delay() {
    const ceiling = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** this.failures);
    this.failures += 1;
    return ceiling * (0.5 + Math.random() / 2);
  }

  visibilityChanged() {
    if (document.hidden) {
      this.hiddenSince = Date.now();
    } else if (!this.ready || Date.now() - this.hiddenSince > STALE_AFTER) {
      this.renew();
    }
  }
}
