// Wall clocks of time zones, by the runtime's own time zone data.

const formats = new Map<string, Intl.DateTimeFormat>();

/** "" and "UTC" are UTC, "Local" is this machine's zone; others are IANA names, in their own case. */
export function isTimeZone(name: string): boolean {
  if (name === "" || name === "UTC" || name === "Local") return true;
  try {
    return hasCaseOf(name, formatOf(name).resolvedOptions().timeZone);
  } catch {
    return false;
  }
}

/** The runtime takes any case, and offsets. Of a second name of a zone it tells only the first one. */
function hasCaseOf(name: string, canonical: string): boolean {
  if (/^[+-]/.test(name)) return false;
  if (name.toLowerCase() === canonical.toLowerCase()) return name === canonical;
  return name.split("/").every((part) => /^[A-Z]/.test(part));
}

/** The zone's wall clock at an instant, as the UTC time that reads the same. */
export function wallClock(instantMs: number, timeZone: string): Date {
  if (timeZone === "UTC" || timeZone === "") return new Date(instantMs);
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(instantMs)) parts[type] = value;
  const { year, month, day, hour, minute, second } = parts;
  return new Date(Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)));
}

/** Such as "+02:00", or "Z" for none. */
export function formatOffset(instantMs: number, timeZone: string): string {
  const minutes = Math.round((wallClock(instantMs, timeZone).getTime() - Math.floor(instantMs / 1000) * 1000) / 60_000);
  if (minutes === 0) return "Z";
  const pad = (value: number) => String(value).padStart(2, "0");
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US", {
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
  }
  return format;
}
