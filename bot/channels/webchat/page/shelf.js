// What this browser keeps for one seat: unsent messages and drafts.

/** A version-4 UUID; crypto.randomUUID exists only on https. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** localStorage that may be full, switched off or absent (private windows, some in-app browsers). */
export class Shelf {
  constructor(seat) {
    this.prefix = `gridbridge:${seat}:`;
  }

  put(key, value) {
    try {
      localStorage.setItem(this.prefix + key, JSON.stringify(value));
    } catch (full) {
      // The message stays in memory; only a reload would lose it.
    }
  }

  take(key) {
    try {
      return JSON.parse(localStorage.getItem(this.prefix + key));
    } catch (unreadable) {
      return null;
    }
  }

  drop(key) {
    try {
      localStorage.removeItem(this.prefix + key);
    } catch (absent) {
      // Nothing was kept.
    }
  }

  keys(start) {
    try {
      const whole = this.prefix + start;
      return Object.keys(localStorage).filter((key) => key.startsWith(whole)).map((key) => key.slice(this.prefix.length));
    } catch (absent) {
      return [];
    }
  }
}
