// The text of an expression and what is wrong in it: positions count lines from 1 and columns in code points from 0, and a
// problem prints as cel-go prints it, with the line and a mark below the place.

/** A place in an expression; line -1 where a problem concerns the whole. */
export interface Location {
  readonly line: number;
  readonly column: number;
}

export const NO_LOCATION: Location = { line: -1, column: -1 };

/** Something wrong with an expression. */
export interface Problem {
  readonly message: string;
  readonly location: Location;
}

const MAX_SNIPPET_BYTES = 16_384;
const MAX_PROBLEMS = 100;

export class Source {
  readonly text: string;
  readonly #lineStarts: readonly number[];

  constructor(text: string) {
    this.text = text;
    const starts = [0];
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
    this.#lineStarts = starts;
  }

  /** The place of a UTF-16 offset. */
  locate(offset: number): Location {
    let line = 0;
    while (line + 1 < this.#lineStarts.length && this.#lineStarts[line + 1]! <= offset) line++;
    return { line: line + 1, column: countCodePoints(this.text.slice(this.#lineStarts[line], offset)) };
  }

  /** The text of a line, without its end; undefined where there is none. */
  snippet(line: number): string | undefined {
    const start = this.#lineStarts[line - 1];
    if (start === undefined || this.text === "") return undefined;
    const next = this.#lineStarts[line];
    return this.text.slice(start, next === undefined ? undefined : next - 1);
  }
}

/** The length of a string as CEL counts it. */
export function countCodePoints(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit >= 0xd800 && unit < 0xdc00 && at + 1 < text.length) at++;
    count++;
  }
  return count;
}

/** All problems as one text, in the order of their places; at most a hundred of them. */
export function displayProblems(source: Source, problems: readonly Problem[]): string {
  const sorted = problems
    .slice(0, MAX_PROBLEMS)
    .sort((a, b) => a.location.line - b.location.line || a.location.column - b.location.column);
  const lines = sorted.map((problem) => displayProblem(source, problem));
  if (problems.length > MAX_PROBLEMS) lines.push(`${problems.length - MAX_PROBLEMS} more errors were truncated`);
  return lines.join("\n");
}

function displayProblem(source: Source, { message, location }: Problem): string {
  // Where there is no text at all, upstream counts from 0.
  const column = source.text === "" ? 0 : location.column + 1;
  const head = `ERROR: <input>:${location.line}:${column}: ${message}`;
  const snippet = source.snippet(location.line);
  if (snippet === undefined || Buffer.byteLength(snippet) > MAX_SNIPPET_BYTES) return head;
  return `${head}\n | ${snippet.replaceAll("\t", " ")}\n | ${markPlace(snippet, location.column)}`;
}

/** Dots up to the column, then the mark; both wide under wide characters. */
function markPlace(snippet: string, column: number): string {
  const characters = Array.from(snippet);
  const isWide = (character: string | undefined): boolean =>
    character !== undefined && character.codePointAt(0)! > 0x7f;
  const dots = characters.slice(0, column).map((character) => (isWide(character) ? "\uff0e" : "."));
  return dots.join("") + (isWide(characters[column]) ? "\uff3e" : "^");
}
