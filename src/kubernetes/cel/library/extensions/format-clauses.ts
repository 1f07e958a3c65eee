// The clauses of format strings ("%s", "%.2f") and what is wrong with them.

import { MOST_TEXT, TEXT_TOO_LONG } from "../../values/text-limit.ts";

/** One clause: its letter, and its precision where one is given. */
export interface Clause {
  readonly letter: string;
  readonly precision: number | undefined;
}

/** What is wrong with a format string, or with an argument for it; `id` is the argument's node, where that is known. */
export class FormatError extends Error {
  readonly id: number | undefined;

  constructor(message: string, id?: number) {
    super(message);
    this.id = id;
  }
}

const CLAUSE = /^(\.([0-9]*))?(.?)/s;

/** Puts text and clauses together; `fill` answers for the clause with the number of its argument. Throws FormatError. */
export function fillClauses(format: string, args: number, fill: (clause: Clause, index: number) => string): string {
  let result = "";
  let index = 0;
  for (let at = 0; at < format.length; ) {
    const next = format.indexOf("%", at);
    if (next < 0) return result + format.slice(at);
    result += format.slice(at, next);
    if (format[next + 1] === "%") {
      result += "%";
      at = next + 2;
      continue;
    }
    if (index >= args) throw new FormatError(`index ${index} out of range`);
    if (next + 1 >= format.length) throw new FormatError("unexpected end of string");
    const { clause, length } = readClause(format.slice(next + 1));
    result += explained("error during formatting", () => fill(clause, index));
    if (result.length > MOST_TEXT) throw new FormatError(TEXT_TOO_LONG.message);
    index++;
    at = next + 1 + length;
  }
  return result;
}

function explained(what: string, run: () => string): string {
  try {
    return run();
  } catch (error) {
    if (error instanceof FormatError) throw new FormatError(`${what}: ${error.message}`, error.id);
    throw error;
  }
}

function readClause(text: string): { readonly clause: Clause; readonly length: number } {
  const [whole = "", dot, digits, letter = ""] = CLAUSE.exec(text) ?? [];
  const failed = "could not parse formatting clause: ";
  if (dot !== undefined && letter === "") {
    throw new FormatError(`${failed}error while parsing precision: could not find end of precision specifier`);
  }
  if (digits === "") {
    const why = 'error while converting precision to integer: strconv.Atoi: parsing "": invalid syntax';
    throw new FormatError(`${failed}error while parsing precision: ${why}`);
  }
  if (!"sdfebxXo".includes(letter)) throw new FormatError(`${failed}unrecognized formatting clause "${letter}"`);
  return { clause: { letter, precision: digits === undefined ? undefined : Number(digits) }, length: whole.length };
}

/** The error of an argument that a clause does not take. */
export function refuseArgument(letter: string, typeName: string, id?: number): FormatError {
  return new FormatError(`${REFUSALS[letter.toLowerCase()]!}, was given ${typeName}`, id);
}

const REFUSALS: Readonly<Record<string, string>> = {
  b: "only integers and bools can be formatted as binary",
  d: "decimal clause can only be used on integers",
  e: "scientific clause can only be used on doubles",
  f: "fixed-point clause can only be used on doubles",
  o: "octal clause can only be used on integers",
  s: "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps",
  x: "only integers, byte buffers, and strings can be formatted as hex",
};
