// How long ago, for people, as kubectl shows ages: "5s", "3m20s", "2d4h", "3y17d" (apimachinery's util/duration).

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;

/** Milliseconds to a text of one or two units. Clocks may differ by a second: "0s"; further in the future: "<invalid>". */
export function formatHumanDuration(duration: number): string {
  const seconds = Math.trunc(duration / second);
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (duration < 2 * minute) return `${seconds}s`;
  if (duration < 10 * minute) return twoUnits(duration, [minute, "m"], [second, "s"]);
  if (duration < 3 * hour) return oneUnit(duration, minute, "m");
  if (duration < 8 * hour) return twoUnits(duration, [hour, "h"], [minute, "m"]);
  if (duration < 2 * day) return oneUnit(duration, hour, "h");
  if (duration < 8 * day) return twoUnits(duration, [day, "d"], [hour, "h"]);
  if (duration < 2 * year) return oneUnit(duration, day, "d");
  if (duration < 8 * year) return twoUnits(duration, [year, "y"], [day, "d"]);
  return oneUnit(duration, year, "y");
}

/** The time since an RFC 3339 timestamp, "<unknown>" where there is none. */
export function formatAge(timestamp: string | null | undefined, now: number): string {
  return timestamp ? formatHumanDuration(now - Date.parse(timestamp)) : "<unknown>";
}

type Unit = readonly [size: number, letter: string];

function oneUnit(duration: number, size: number, letter: string): string {
  return `${Math.floor(duration / size)}${letter}`;
}

function twoUnits(duration: number, [large, largeLetter]: Unit, [small, smallLetter]: Unit): string {
  const rest = Math.floor((duration % large) / small);
  return oneUnit(duration, large, largeLetter) + (rest === 0 ? "" : `${rest}${smallLetter}`);
}
