// Names in messages: length-prefixed labels and pointers to earlier ones, to and from text without the final dot.

/** Where a pointer may not be followed any more; no honest name has as many. */
const mostPointers = 64;
const longestName = 255;

export interface ReadName {
  /** Lower-case, as bytes in Latin-1; a dot within a label is escaped. */
  readonly labels: readonly string[];
  /** Behind the name, where it stands (not where a pointer leads). */
  readonly end: number;
}

/** Throws RangeError where the bytes are no name. */
export function readName(bytes: Buffer, start: number): ReadName {
  const labels: string[] = [];
  let offset = start;
  let end = -1;
  let length = 0;
  for (let pointers = 0; ; ) {
    const size = bytes.readUInt8(offset);
    if (size === 0) return { labels, end: end < 0 ? offset + 1 : end };
    if (size >= 0xc0) {
      if (++pointers > mostPointers) throw new RangeError("Cannot read the name: its pointers go in circles");
      if (end < 0) end = offset + 2;
      offset = bytes.readUInt16BE(offset) & 0x3fff;
      continue;
    }
    length += size + 1;
    if (size > 63 || length > longestName || offset + size >= bytes.length) {
      throw new RangeError("Cannot read the name: a label is too long");
    }
    labels.push(readLabel(bytes, offset + 1, offset + 1 + size));
    offset += size + 1;
  }
}

/** Behind the name that stands there. */
export function skipName(bytes: Buffer, start: number): number {
  for (let offset = start; ; ) {
    const size = bytes.readUInt8(offset);
    if (size === 0) return offset + 1;
    if (size >= 0xc0) return offset + 2;
    if (size > 63) throw new RangeError("Cannot read the name: a label is too long");
    offset += size + 1;
  }
}

function readLabel(bytes: Buffer, from: number, to: number): string {
  const text = bytes.toString("latin1", from, to);
  const escaped = text.includes(".") ? text.replaceAll(".", "\\.") : text;
  return lowerCase(escaped);
}

/** Of the letters A to Z only, as DNS compares names. */
function lowerCase(text: string): string {
  return /[A-Z]/.test(text) ? text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : text;
}

/** Labels of a name as the API has it: perhaps with a final dot, in any case. */
export function labelsOf(name: string): string[] {
  const trimmed = name.endsWith(".") ? name.slice(0, -1) : name;
  return trimmed === "" ? [] : lowerCase(trimmed).split(".");
}
