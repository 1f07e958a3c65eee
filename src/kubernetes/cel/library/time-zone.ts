// What a time zone, by name or as "+02:00", adds to UTC at an instant.

import { secondsOf } from "../values/times.ts";
import { CelError } from "../values/value.ts";

const formats = new Map<string, Intl.DateTimeFormat>();

/** Seconds east of UTC. */
export function offsetSeconds(nanos: bigint, zone: string): number | CelError {
  if (zone === "UTC" || zone === "") return 0;
  const colon = zone.indexOf(":");
  if (colon >= 0) return fixedOffset(zone, colon);
  const format = formatOf(zone);
  if (!format) return new CelError(`unknown time zone ${zone}`);
  const instant = Number(secondsOf(nanos)) * 1000;
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
  for (const { type, value } of format.formatToParts(instant)) parts[type] = value;
  const { year, month, day, hour, minute, second } = parts;
  const clock = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  return Math.round((clock - instant) / 1000);
}

function fixedOffset(zone: string, colon: number): number | CelError {
  const hours = zone.slice(0, colon);
  const minutes = zone.slice(colon + 1);
  for (const digits of [hours, minutes]) {
    if (!/^[+-]?\d+$/.test(digits)) {
      return new CelError(`strconv.Atoi: parsing ${JSON.stringify(digits)}: invalid syntax`);
    }
  }
  const total = Number(hours) * 60 + (zone.startsWith("-") ? -Number(minutes) : Number(minutes));
  return total * 60;
}

function formatOf(timeZone: string): Intl.DateTimeFormat | undefined {
  const known = formats.get(timeZone);
  if (known || /^[+-]/.test(timeZone)) return known;
  try {
    const format = new Intl.DateTimeFormat("en-US", {
      ...(timeZone !== "Local" && { timeZone }),
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(timeZone, format);
    return format;
  } catch {
    return undefined;
  }
}
