// A small jq: paths, iteration, pipes, comparisons, and, or, alternatives, and a few functions: what Stage objects use to look
// into a resource. Compiled once, run often.

import { isTrue, JqError, jqFunctions, typeOf } from "./functions.ts";
import { type JqToken, readJqTokens } from "./tokens.ts";

/** JSON. Absent is null. */
export type JqValue =
  | null
  | boolean
  | number
  | string
  | readonly JqValue[]
  | { readonly [key: string]: JqValue | undefined };

/** From one value to any number of values. */
export type JqFilter = (input: JqValue) => Iterable<JqValue>;

/** Throws where the expression is wrong, or uses what is not understood here. */
export function compileJq(source: string): JqFilter {
  const parser = new Parser(readJqTokens(source), source);
  return parser.parse();
}

/** All results but nulls; undefined where the expression fails on this input, such as by iterating over what is no list. */
export function runJq(filter: JqFilter, input: JqValue): JqValue[] | undefined {
  try {
    return [...filter(input)].filter((value) => value !== null);
  } catch (error) {
    if (error instanceof JqError) return undefined;
    throw error;
  }
}

const identity: JqFilter = (input) => [input];

class Parser {
  readonly #tokens: readonly JqToken[];
  readonly #source: string;
  #at = 0;

  constructor(tokens: readonly JqToken[], source: string) {
    this.#tokens = tokens;
    this.#source = source;
  }

  parse(): JqFilter {
    const filter = this.#pipe();
    if (this.#next().type !== "end") throw this.#error();
    return filter;
  }

  #pipe(): JqFilter {
    let filter = this.#comma();
    while (this.#isSign("|")) filter = pipe(filter, this.#comma());
    return filter;
  }

  #comma(): JqFilter {
    let filter = this.#alternative();
    while (this.#isSign(",")) filter = join(filter, this.#alternative());
    return filter;
  }

  #alternative(): JqFilter {
    const filter = this.#or();
    return this.#isSign("//") ? alternative(filter, this.#alternative()) : filter;
  }

  #or(): JqFilter {
    let filter = this.#and();
    while (this.#isWord("or")) filter = combine(filter, this.#and(), (a, b) => isTrue(a) || isTrue(b));
    return filter;
  }

  #and(): JqFilter {
    let filter = this.#comparison();
    while (this.#isWord("and")) filter = combine(filter, this.#comparison(), (a, b) => isTrue(a) && isTrue(b));
    return filter;
  }

  #comparison(): JqFilter {
    const left = this.#postfix();
    for (const [sign, compare] of Object.entries(comparisons)) {
      if (this.#isSign(sign)) return combine(left, this.#postfix(), compare);
    }
    return left;
  }

  #postfix(): JqFilter {
    let filter = this.#term();
    for (;;) {
      const token = this.#peek();
      if (token.type === "field") filter = pipe(filter, this.#field());
      else if (this.#isSign("[")) filter = pipe(filter, this.#brackets());
      else if (this.#isSign("?")) filter = quiet(filter);
      else if (token.type === "sign" && token.text === ".") {
        this.#next();
        filter = pipe(filter, this.#afterDot());
      } else return filter;
    }
  }

  #term(): JqFilter {
    const token = this.#peek();
    if (token.type === "field") return this.#field();
    this.#next();
    if (token.type === "string") return () => [token.text];
    if (token.type === "number") return () => [token.value];
    if (token.type === "word") return this.#word(token.text);
    if (token.type === "sign" && token.text === ".") return this.#afterDot();
    if (token.type === "sign" && token.text === "-") return this.#negative();
    if (token.type === "sign" && token.text === "[") return this.#list();
    if (token.type === "sign" && token.text === "(") {
      const inner = this.#pipe();
      this.#expect(")");
      return inner;
    }
    throw this.#error();
  }

  #negative(): JqFilter {
    const token = this.#next();
    if (token.type !== "number") throw this.#error();
    return () => [-token.value];
  }

  /** After its opening bracket: all that is answered, as one list. */
  #list(): JqFilter {
    if (this.#isSign("]")) return () => [[]];
    const filter = this.#pipe();
    this.#expect("]");
    return (input) => [[...filter(input)]];
  }

  /** What may follow a lone dot: brackets, a quoted name, or nothing. */
  #afterDot(): JqFilter {
    if (this.#isSign("[")) return this.#brackets();
    const token = this.#peek();
    if (token.type !== "string") return identity;
    this.#next();
    return index(() => [token.text]);
  }

  #field(): JqFilter {
    const token = this.#next();
    if (token.type !== "field") throw this.#error();
    return index(() => [token.name]);
  }

  #brackets(): JqFilter {
    if (this.#isSign("]")) return iterate;
    const key = this.#pipe();
    this.#expect("]");
    return index(key);
  }

  #word(name: string): JqFilter {
    if (name === "null") return () => [null];
    if (name === "true" || name === "false") return () => [name === "true"];
    const args: JqFilter[] = [];
    if (this.#isSign("(")) {
      do args.push(this.#pipe());
      while (this.#isSign(";"));
      this.#expect(")");
    }
    const run = jqFunctions[`${name}/${args.length}`];
    if (!run) throw new Error(`jq: ${name} is not understood here, in ${JSON.stringify(this.#source)}`);
    return (input) => run(input, args);
  }

  #peek(): JqToken {
    return this.#tokens[this.#at] ?? { type: "end" };
  }

  #next(): JqToken {
    const token = this.#peek();
    this.#at++;
    return token;
  }

  #isSign(text: string): boolean {
    const token = this.#peek();
    const found = token.type === "sign" && token.text === text;
    if (found) this.#at++;
    return found;
  }

  #isWord(text: string): boolean {
    const token = this.#peek();
    const found = token.type === "word" && token.text === text;
    if (found) this.#at++;
    return found;
  }

  #expect(text: string): void {
    if (!this.#isSign(text)) throw this.#error();
  }

  #error(): Error {
    return new Error(`jq: can't understand ${JSON.stringify(this.#source)}`);
  }
}

function pipe(first: JqFilter, second: JqFilter): JqFilter {
  return function* (input) {
    for (const value of first(input)) yield* second(value);
  };
}

function join(first: JqFilter, second: JqFilter): JqFilter {
  return function* (input) {
    yield* first(input);
    yield* second(input);
  };
}

/** What the first answers that is true; where there is no such, the second. */
function alternative(first: JqFilter, second: JqFilter): JqFilter {
  return function* (input) {
    const values = runJq(first, input)?.filter(isTrue) ?? [];
    if (values.length > 0) yield* values;
    else yield* second(input);
  };
}

function combine(left: JqFilter, right: JqFilter, operation: (a: JqValue, b: JqValue) => JqValue): JqFilter {
  return function* (input) {
    for (const b of right(input)) for (const a of left(input)) yield operation(a, b);
  };
}

function quiet(filter: JqFilter): JqFilter {
  return (input) => runJq(filter, input) ?? [];
}

const iterate: JqFilter = (input) => {
  if (Array.isArray(input)) return input;
  if (typeof input === "object" && input !== null) return Object.values(input).map((value) => value ?? null);
  throw new JqError(`cannot iterate over ${typeOf(input)}`);
};

function index(key: JqFilter): JqFilter {
  return function* (input) {
    for (const name of key(input)) yield valueAt(input, name);
  };
}

function valueAt(input: JqValue, key: JqValue): JqValue {
  if (input === null) return null;
  if (Array.isArray(input) && typeof key === "number") return (input.at(key) as JqValue | undefined) ?? null;
  if (typeof input === "object" && !Array.isArray(input) && typeof key === "string") {
    return (input as Readonly<Record<string, JqValue>>)[key] ?? null;
  }
  throw new JqError(`cannot index ${typeOf(input)} with ${typeOf(key)}`);
}

const comparisons: Readonly<Record<string, (a: JqValue, b: JqValue) => boolean>> = {
  "==": (a, b) => JSON.stringify(a) === JSON.stringify(b),
  "!=": (a, b) => JSON.stringify(a) !== JSON.stringify(b),
  "<=": (a, b) => compare(a, b) <= 0,
  ">=": (a, b) => compare(a, b) >= 0,
  "<": (a, b) => compare(a, b) < 0,
  ">": (a, b) => compare(a, b) > 0,
};

/** Within numbers, and within strings; nothing else is compared by order. */
function compare(a: JqValue, b: JqValue): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : Number(a > b);
  throw new JqError(`cannot compare ${typeOf(a)} with ${typeOf(b)}`);
}
