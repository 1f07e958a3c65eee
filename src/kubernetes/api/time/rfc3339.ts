// Reads RFC 3339 times as Go's time.Parse does with the layouts of metav1.Time and metav1.MicroTime, errors word for word.

export interface UnixTime {
  /** Since 1970, negative before. */
  readonly seconds: number;
  /** 0 to 999,999,999. */
  readonly nanos: number;
}

/** The text is no time; the message is Go's. */
export class TimeError extends Error {
  override readonly name = "TimeError";
}

const layouts = { time: "2006-01-02T15:04:05Z07:00", "micro-time": "2006-01-02T15:04:05.000000Z07:00" } as const;

/** Reads a time in any zone; a Time may have a fraction of a second, a MicroTime must, with six digits. Throws TimeError. */
export function parseRFC3339(text: string, type: keyof typeof layouts): UnixTime {
  const reader = new TimeReader(text, layouts[type]);
  const within = (value: number, least: number, most: number, name: string) => {
    if (value < least || value > most) throw reader.fail(`${name} out of range`);
    return value;
  };
  const year = reader.number("", "2006", /^[0-9]{4}/);
  const month = within(reader.number("-", "01"), 1, 12, "month");
  const day = reader.number("-", "02");
  const hour = within(reader.number("T", "15", /^[0-9]{1,2}/), 0, 23, "hour");
  const minute = within(reader.number(":", "04"), 0, 59, "minute");
  const second = within(reader.number(":", "05"), 0, 59, "second");
  const nanos = type === "time" ? reader.fraction() : reader.micros();
  const offset = reader.zone();
  reader.end();
  const date = secondsOfDate(year, month, day);
  if (date === undefined) throw reader.fail("day out of range");
  return { seconds: date + hour * 3600 + minute * 60 + second - offset, nanos };
}

/** The start of a day; undefined where the month has no such day. Months count from 1. */
export function secondsOfDate(year: number, month: number, day: number): number | undefined {
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  return daysBeforeYear(year) * 86400 + (daysBeforeMonth(year, month) + day - 1) * 86400;
}

const monthLengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function daysIn(year: number, month: number): number {
  return month === 2 && isLeap(year) ? 29 : (monthLengths[month - 1] ?? 0);
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function daysBeforeYear(year: number): number {
  const past = year - 1;
  return past * 365 + Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400) - 719162;
}

function daysBeforeMonth(year: number, month: number): number {
  let days = 0;
  for (let before = 1; before < month; before++) days += daysIn(year, before);
  return days;
}

/** Takes a text apart from its start, element by element of the layout. */
class TimeReader {
  readonly #text: string;
  readonly #layout: string;
  #rest: string;

  constructor(text: string, layout: string) {
    this.#text = text;
    this.#layout = layout;
    this.#rest = text;
  }

  /** A number after the mark `before`; `element` is what the layout calls it. */
  number(before: string, element: string, pattern = /^[0-9]{2}/): number {
    if (!this.#rest.startsWith(before)) throw this.#misfit(before);
    this.#rest = this.#rest.slice(before.length);
    const digits = pattern.exec(this.#rest)?.[0];
    if (digits === undefined) throw this.#misfit(element);
    this.#rest = this.#rest.slice(digits.length);
    return Number(digits);
  }

  /** Nanoseconds, where a fraction follows. */
  fraction(): number {
    const [part, digits = ""] = /^[.,]([0-9]+)/.exec(this.#rest) ?? [""];
    this.#rest = this.#rest.slice(part.length);
    return Number(digits.slice(0, 9).padEnd(9, "0"));
  }

  /** Nanoseconds from exactly six digits of a fraction; Go lets the first of them be a sign. */
  micros(): number {
    const [part, digits = ""] = /^[.,]([+-][0-9]{5}|[0-9]{6})/.exec(this.#rest) ?? [];
    if (part === undefined) throw this.#misfit(".000000");
    if (Number(digits) < 0) throw this.fail("fractional second out of range");
    this.#rest = this.#rest.slice(part.length);
    return Math.abs(Number(digits)) * 1000;
  }

  /** Seconds east of UTC. Go takes offsets of 24 hours and of 60 minutes. */
  zone(): number {
    const [part, sign = "", hours = "", minutes = ""] = /^(?:Z|(.)(..):(..))/s.exec(this.#rest) ?? [];
    if (part === undefined) throw this.#misfit("Z07:00");
    const numbers = [hours, minutes].map((text) => (/^[0-9]{2}$/.test(text) ? Number(text) : Number.NaN));
    const [hour = 0, minute = 0] = part === "Z" ? [0, 0] : numbers;
    if (hour > 24) throw this.fail("time zone offset hour out of range");
    if (minute > 60 && !Number.isNaN(hour)) throw this.fail("time zone offset minute out of range");
    if (Number.isNaN(hour + minute) || !"+-".includes(sign)) throw this.#misfit("Z07:00");
    this.#rest = this.#rest.slice(part.length);
    return (sign === "-" ? -1 : 1) * (hour * 3600 + minute * 60);
  }

  end(): void {
    if (this.#rest !== "") throw this.fail(`extra text: ${quoteTime(this.#rest)}`);
  }

  fail(message: string): TimeError {
    return new TimeError(`parsing time ${quoteTime(this.#text)}: ${message}`);
  }

  #misfit(element: string): TimeError {
    const [text, layout, rest] = [this.#text, this.#layout, this.#rest].map(quoteTime);
    return new TimeError(`parsing time ${text} as ${layout}: cannot parse ${rest} as ${quoteTime(element)}`);
  }
}

/** Package time's own quoting: bytes beyond ASCII as \x. */
export function quoteTime(text: string): string {
  const escaped = text.replace(/["\\]/g, "\\$&").replace(/[^ -\x7f]+/g, escapeBytes);
  return `"${escaped}"`;
}

function escapeBytes(text: string): string {
  return [...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
}
