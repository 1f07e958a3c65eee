// One field of a cron schedule: lists of values, ranges and steps, such as "1,10-20/5" or "mon-fri". Pure.

import { CronError } from "./cron-error.ts";

export interface CronField {
  readonly least: number;
  readonly most: number;
  /** Stand for the values from `least` on. */
  readonly names?: readonly string[];
}

export interface FieldValues {
  readonly values: ReadonlySet<number>;
  /** The field restricts nothing: "*" or "?". */
  readonly isStar: boolean;
}

/** Throws CronError. */
export function parseField(text: string, field: CronField): FieldValues {
  const values = new Set<number>();
  let isStar = false;
  for (const part of text.split(",").filter((piece) => piece !== "")) {
    const range = parseRange(part, field);
    for (let value = range.first; value <= range.last; value += range.step) values.add(value);
    isStar ||= range.isStar;
  }
  return { values, isStar };
}

function parseRange(text: string, field: CronField) {
  const [rangeText = "", stepText, ...moreSteps] = text.split("/");
  const [firstText = "", lastText, ...moreHyphens] = rangeText.split("-");
  const isAll = firstText === "*" || firstText === "?";
  if (!isAll && moreHyphens.length > 0) throw new CronError(`too many hyphens: ${text}`);
  if (moreSteps.length > 0) throw new CronError(`too many slashes: ${text}`);
  const first = isAll ? field.least : readValue(firstText, field);
  const step = stepText === undefined ? 1 : readNumber(stepText);
  // "5/15" means from 5 on.
  let last = lastText === undefined || isAll ? first : readValue(lastText, field);
  if (isAll || (stepText !== undefined && lastText === undefined)) last = field.most;
  if (first < field.least) throw new CronError(`beginning of range (${first}) below minimum (${field.least}): ${text}`);
  if (last > field.most) throw new CronError(`end of range (${last}) above maximum (${field.most}): ${text}`);
  if (first > last) throw new CronError(`beginning of range (${first}) beyond end of range (${last}): ${text}`);
  if (step === 0) throw new CronError(`step of range should be a positive number: ${text}`);
  return { first, last, step, isStar: isAll && step <= 1 };
}

function readValue(text: string, { least, names }: CronField): number {
  const position = names?.indexOf(text.toLowerCase()) ?? -1;
  return position < 0 ? readNumber(text) : least + position;
}

function readNumber(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) {
    const why = `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
    throw new CronError(`failed to parse int from ${text}: ${why}`);
  }
  const value = Number(text);
  if (value < 0) throw new CronError(`negative number (${value}) not allowed: ${text}`);
  return value;
}
