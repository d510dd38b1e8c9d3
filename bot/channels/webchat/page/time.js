// Times as a phone's chat shows them, in the reader's own time zone.

const DAY = 86400000;
const WEEKDAYS = ['周日', '周一', '周二', '周三', '周四', '周五', '周六'];

const two = (number) => String(number).padStart(2, '0');
const clock = (date) => `${two(date.getHours())}:${two(date.getMinutes())}`;
const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();

/** Whole calendar days from one moment to another. Rounded, because a day with a clock change is not 24 hours. */
export const daysBetween = (from, to) => Math.round((midnight(to) - midnight(from)) / DAY);

function dayName(date, now) {
  const days = daysBetween(date, now);
  if (days === 0) return '';
  if (days === 1) return '昨天';
  if (days > 1 && days < 7) return WEEKDAYS[date.getDay()];
  const year = date.getFullYear() === now.getFullYear() ? '' : `${date.getFullYear()}年`;
  return `${year}${date.getMonth() + 1}月${date.getDate()}日`;
}

/** For the separator between messages: 「昨天 21:05」. */
export function longTime(iso, now = new Date()) {
  const date = new Date(iso);
  return `${dayName(date, now)} ${clock(date)}`.trim();
}

/** For the room list: the clock today, otherwise the day. */
export function shortTime(iso, now = new Date()) {
  if (!iso) return '';
  const date = new Date(iso);
  return dayName(date, now) || clock(date);
}
