/** Dates and times: RFC 3339 in, whole seconds with the offset +00:00 out. */
import { fault } from './faults.mjs';

const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d+)?(?:[Zz]|([+-])(\d\d):(\d\d))$/;
const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;

const isLeap = (year) => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

const daysOf = (year, month) => [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;

const isDay = (year, month, day) => day >= 1 && day <= daysOf(year, month);

/** Seconds since 1970; years below 100 are what they say, unlike those of Date.UTC. */
const seconds = (year, month, day, hour = 0, minute = 0, second = 0) => {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  return date.getTime() / 1000;
};

/** @returns {{seconds: number, fraction: number} | undefined} the moment, or undefined where it is none */
export const parseDateTime = (text) => {
  const match = DATE_TIME.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  const [offsetHour, offsetMinute] = [Number(match[9] ?? 0), Number(match[10] ?? 0)];
  if (!isDay(year, month, day) || hour > 23 || minute > 59 || second > 60) return undefined;
  if (offsetHour > 23 || offsetMinute > 59) return undefined;
  const offset = (match[8] === '-' ? -1 : 1) * (offsetHour * 3600 + offsetMinute * 60);
  return { seconds: seconds(year, month, day, hour, minute, second) - offset, fraction: Number(match[7] ?? 0) };
};

/** Whether it is a day of the calendar. */
export const isDate = (text) => {
  const match = DATE.exec(text);
  return match !== null && isDay(Number(match[1]), Number(match[2]), Number(match[3]));
};

/** Negative where the first moment is earlier. */
export const compareMoments = (one, other) => one.seconds - other.seconds || one.fraction - other.fraction;

/** `2026-01-15T10:30:00+00:00`; undefined for years that four digits can't say. */
export const formatMoment = (at) => {
  const text = new Date(at * 1000).toISOString();
  return /^\d{4}-/.test(text) ? `${text.slice(0, 19)}+00:00` : undefined;
};

/** The moment of creation, as answers show it. */
export const formatCreation = (at) => {
  const text = formatMoment(at);
  const date = new Date(at * 1000);
  if (fault('created-at-without-offset')) return text.slice(0, 19);
  if (fault('created-at-with-space')) return text.slice(0, 19).replace('T', ' ');
  if (fault('created-at-epoch')) return at;
  if (fault('created-at-zero-date')) return '0000-00-00T00:00:00+00:00';
  if (fault('created-at-month-off-by-one')) {
    return `${text.slice(0, 5)}${String(date.getUTCMonth()).padStart(2, '0')}${text.slice(7)}`;
  }
  if (fault('created-at-local-time')) return formatMoment(at + 2 * 3600);
  return text;
};
