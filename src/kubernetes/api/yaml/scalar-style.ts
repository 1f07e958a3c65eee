// How a text is written in YAML: by what a YAML 1.1 reader would take it for, and by what its characters allow. The rules are
// those of libyaml's emitter as go-yaml 2 uses it, which writes upstream's answers.

import { resolvePlain } from "./tags.ts";

export type ScalarStyle = "plain" | "single" | "double" | "literal";

/** Most texts: nothing in them means anything to YAML. */
const harmless = /^[A-Za-z_/][A-Za-z0-9_./-]*$/;
const words = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

/** `isKey`: the text has to stay on its line. */
export function styleOf(text: string, isKey: boolean): ScalarStyle {
  if (harmless.test(text)) return words.test(text) && isMisread(text) ? "double" : "plain";
  const wanted = text.includes("\n") ? "literal" : isMisread(text) ? "double" : "plain";
  if (wanted === "double") return "double";
  const allowed = allowedStyles(text);
  if (wanted === "literal") return allowed.literal && !isKey ? "literal" : "double";
  if (allowed.plain) return "plain";
  return allowed.single ? "single" : "double";
}

/** Whether without quotes it would not be read as this text. */
function isMisread(text: string): boolean {
  return resolvePlain(text) !== undefined || isSexagesimal(text) || isTimestamp(text);
}

function isSexagesimal(text: string): boolean {
  return /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/.test(text);
}

const timestamp =
  /^[0-9]{4}-([0-9]{1,2})-([0-9]{1,2})(?:[Tt]([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?(?:Z|[-+][0-9]{2}:[0-9]{2})| ([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?)?$/;

function isTimestamp(text: string): boolean {
  const match = timestamp.exec(text);
  if (!match) return false;
  const [month, day, hour, minute, second] = [
    match[1],
    match[2],
    match[3] ?? match[6],
    match[4] ?? match[7],
    match[5] ?? match[8],
  ].map((digits) => Number(digits ?? 0));
  const days = new Date(Date.UTC(Number(text.slice(0, 4)) + 400, month!, 0)).getUTCDate();
  return month! >= 1 && month! <= 12 && day! >= 1 && day! <= days && hour! < 24 && minute! < 60 && second! < 60;
}

interface AllowedStyles {
  readonly plain: boolean;
  readonly single: boolean;
  readonly literal: boolean;
}

function allowedStyles(text: string): AllowedStyles {
  const isSpecial = unprintable.test(text) || / [\n\u2028\u2029]/.test(text);
  if (isSpecial) return { plain: false, single: false, literal: false };
  const startsLine = /[\n\u2028\u2029] /.test(text);
  const plain = !startsLine && !/^[ ]|[ ]$|[\n\u2028\u2029]/.test(text) && !hasIndicators(text);
  return { plain, single: !startsLine, literal: !text.endsWith(" ") };
}

/** What is escaped: all that libyaml does not think printable, pictures among it. */
export const unprintable = /[^\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/u;

/** Characters that mean something where they stand, outside of brackets and braces. */
function hasIndicators(text: string): boolean {
  return /^(?:[#,[\]{}&*!|>'"%@`]|---|\.\.\.|[-?:](?:[ \t\r]|$))/.test(text) || /:(?:[ \t\r]|$)|[ \t\r]#/.test(text);
}
