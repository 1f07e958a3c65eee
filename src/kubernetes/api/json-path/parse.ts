// The paths of printer columns, in kubectl's JSONPath: fields, array indices and slices, wildcards, filters, recursive descent.

/** A step from each value found so far to those it leads to. */
export type PathStep =
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "wildcard" | "recursive" }
  | { readonly kind: "slice"; readonly slice: Slice }
  | { readonly kind: "union"; readonly paths: readonly (readonly PathStep[])[] }
  | {
      readonly kind: "filter";
      readonly left: readonly PathStep[];
      readonly operator: string;
      readonly right: readonly PathStep[];
    }
  | { readonly kind: "literal"; readonly value: string | number | boolean };

/** [from:to:step]; an index alone is the slice that holds it. */
export interface Slice {
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly step: number | undefined;
  readonly isIndex: boolean;
}

export class PathError extends Error {
  override readonly name = "PathError";
}

/** Parses what stands between the braces of "{.spec.size}". Throws PathError. */
export function parsePath(text: string): readonly PathStep[] {
  const reader = new Reader(text);
  const steps: PathStep[] = [];
  while (!reader.atEnd) readStep(reader, steps);
  return steps;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** Reads what the expression matches right here. */
  take(expression: RegExp): RegExpExecArray | undefined {
    const sticky = new RegExp(expression.source, `${expression.flags}y`);
    sticky.lastIndex = this.#at;
    const match = sticky.exec(this.#text);
    if (match) this.#at = sticky.lastIndex;
    return match ?? undefined;
  }

  get rest(): string {
    return this.#text.slice(this.#at);
  }
}

function readStep(reader: Reader, steps: PathStep[]): void {
  if (reader.take(/[ @$]/)) return;
  if (reader.take(/\[\?\(/)) steps.push(readFilter(reader));
  else if (reader.take(/\.\./)) {
    steps.push({ kind: "recursive" });
    const name = reader.take(/[\p{L}\d_](?:\\.|[^\s.,[\]$@{}])*/u)?.[0];
    if (name !== undefined) steps.push(fieldOf(name));
  } else if (reader.take(/\[/)) steps.push(...readBrackets(reader));
  else if (reader.take(/\./)) steps.push(fieldOf(reader.take(/(?:\\.|[^\s.,[\]$@{}])*/)?.[0] ?? ""));
  else steps.push(readLiteral(reader));
}

function fieldOf(name: string): PathStep {
  return name === "*" ? { kind: "wildcard" } : { kind: "field", name: name.replaceAll("\\", "") };
}

function readLiteral(reader: Reader): PathStep {
  const quoted = reader.take(/"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'/);
  if (quoted) return { kind: "literal", value: (quoted[1] ?? quoted[2] ?? "").replace(/\\(.)/g, "$1") };
  const number = reader.take(/[+-]?[\d.]+/)?.[0];
  if (number !== undefined) {
    const value = Number(number);
    if (Number.isNaN(value)) throw new PathError(`cannot parse number ${number}`);
    return { kind: "literal", value };
  }
  const word = reader.take(/\w+/)?.[0];
  if (word === "true" || word === "false") return { kind: "literal", value: word === "true" };
  throw new PathError(word ? `unrecognized identifier ${word}` : `unrecognized character in action: ${reader.rest[0]}`);
}

function readBrackets(reader: Reader): PathStep[] {
  const text = reader.take(/([^\]\n]*)\]/)?.[1];
  if (text === undefined) throw new PathError("unterminated array");
  const parts = text.split(",");
  if (parts.length > 1) return [{ kind: "union", paths: parts.map((part) => parsePath(`[${part.trim()}]`)) }];
  const key = /^'([^']*)'$/.exec(text)?.[1];
  if (key !== undefined) return [...parsePath(`.${key}`)];
  return [{ kind: "slice", slice: readSlice(text === "*" ? ":" : text) }];
}

function readSlice(text: string): Slice {
  const [, from, to, step] = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/.exec(text) ?? [];
  if (from === undefined) throw new PathError(`invalid array index ${text}`);
  const number = (part: string | undefined) =>
    part === undefined || part === "" || part === ":" ? undefined : Number(part.replace(":", ""));
  const start = number(from);
  const isIndex = to === undefined;
  if (isIndex && start === undefined) throw new PathError(`invalid array index ${text}`);
  return { from: start, to: isIndex ? start! + 1 : number(to), step: number(step), isIndex };
}

function readFilter(reader: Reader): PathStep {
  const text = reader.take(/((?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^)"'\n])*)\)\]/)?.[1];
  if (text === undefined) throw new PathError("unterminated filter");
  const [, left, operator, right] = /^([^!<>=]+)([!<>=]+)(.+?)$/s.exec(text) ?? [];
  if (left === undefined) return { kind: "filter", left: parsePath(text), operator: "exists", right: [] };
  const operators = ["<", ">", "==", "!=", "<=", ">="];
  if (!operators.includes(operator!)) throw new PathError(`unrecognized filter operator ${operator}`);
  return { kind: "filter", left: parsePath(left.trim()), operator: operator!, right: parsePath(right!.trim()) };
}
