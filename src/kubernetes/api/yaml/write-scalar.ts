// Texts as lines of YAML. Lines are broken at the first space past the 80th column, as go-yaml 2 does.

import { styleOf, unprintable } from "./scalar-style.ts";

const width = 80;

export interface ScalarPlace {
  /** Where on its line it begins. */
  readonly column: number;
  /** What further lines begin with, in spaces. */
  readonly indent: number;
  /** Keys stay on their line. */
  readonly isKey: boolean;
}

/** The text in the style it can have. */
export function writeScalar(text: string, place: ScalarPlace): string {
  switch (styleOf(text, place.isKey)) {
    case "plain":
      return fold(text, place, true);
    case "single":
      return `'${fold(text.replaceAll("'", "''"), { ...place, column: place.column + 1 }, false)}'`;
    case "double":
      return writeDoubleQuoted(text, place);
    case "literal":
      return writeLiteral(text, place.indent);
  }
}

/** Only single spaces become line breaks: several would be read as one. `atEnds`: whether the first and last may, too. */
function fold(text: string, { column, indent, isKey }: ScalarPlace, atEnds: boolean): string {
  if (isKey || (column + text.length <= width && !/[\u2028\u2029]/.test(text))) return text;
  const [last, margin] = [text.length - 1, " ".repeat(indent)];
  let folded = "";
  let start = 0;
  let at = column;
  for (let index = 0; index < text.length; index++) {
    const isOne = text[index] === " " && text[index - 1] !== " " && text[index + 1] !== " ";
    if (isOne && at > width && (atEnds || (index > 0 && index < last))) {
      folded += `${text.slice(start, index)}\n${margin}`;
      start = index + 1;
      at = indent;
    } else if (index < last && isSeparator(text[index]!) && !isSeparator(text[index + 1]!)) {
      folded += `${text.slice(start, index + 1)}${margin}`;
      start = index + 1;
      at = indent;
    } else at++;
  }
  return folded + text.slice(start);
}

/** Separators of lines and paragraphs begin a line, too. */
function isSeparator(character: string): boolean {
  return character === "\u2028" || character === "\u2029";
}

const escapes: Readonly<Record<string, string>> = {
  "\0": "\\0",
  "\x07": "\\a",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  "\x1b": "\\e",
  '"': '\\"',
  "\\": "\\\\",
  "\x85": "\\N",
  "\u2028": "\\L",
  "\u2029": "\\P",
};

function writeDoubleQuoted(text: string, { column, indent, isKey }: ScalarPlace): string {
  const margin = " ".repeat(indent);
  const characters = [...text];
  // libyaml takes every character of such a text for the mark it begins with.
  const isMarked = text.startsWith("\ufeff");
  let written = '"';
  let at = column + 1;
  let afterSpace = false;
  for (const [index, character] of characters.entries()) {
    const isInner = index > 0 && index < characters.length - 1;
    if (character === " " && !isMarked && !isKey && !afterSpace && at > width && isInner) {
      const continued = characters[index + 1] === " " ? "\\" : "";
      written += `\n${margin}${continued}`;
      at = indent + continued.length;
    } else {
      const shown = isMarked ? escapeAny(character) : escapeUnprintable(character);
      written += shown;
      at += character === shown ? 1 : shown.length;
    }
    afterSpace = character === " ";
  }
  return `${written}"`;
}

function escapeUnprintable(character: string): string {
  const known = escapes[character];
  if (known !== undefined) return known;
  return unprintable.test(character) ? escapeAny(character) : character;
}

function escapeAny(character: string): string {
  const code = character.codePointAt(0)!;
  const digits = code <= 0xff ? 2 : code <= 0xffff ? 4 : 8;
  return `\\${{ 2: "x", 4: "u", 8: "U" }[digits]}${code.toString(16).toUpperCase().padStart(digits, "0")}`;
}

function writeLiteral(text: string, indent: number): string {
  const hint = /^[ \n\u2028\u2029]/.test(text) ? "2" : "";
  const chomp = text.endsWith("\n") ? (text === "\n" || text.endsWith("\n\n") ? "+" : "") : "-";
  const lines = (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
  const margin = " ".repeat(indent);
  const marginOf = (line: string) => (line === "" || isSeparator(line[0]!) ? "" : margin);
  const within = (line: string) => line.replace(/([\u2028\u2029])(?=[^\u2028\u2029])/g, `$1${margin}`);
  return `|${hint}${chomp}${lines.map((line) => `\n${marginOf(line)}${within(line)}`).join("")}`;
}
