// Go templates, as far as Stage objects need them: text with values, if, with, range, variables, pipelines. Compiled once.

import { type Segment, splitTemplate, type Word } from "./lexer.ts";
import { compilePipeline } from "./pipeline.ts";
import { isTruthy, type Scope, type TemplateFunctions, toText, type Value, Variables } from "./scope.ts";

export interface Template {
  /** Throws what a function throws. */
  render(data: Value): string;
}

/** Throws where the template is wrong, or uses what is not understood here. */
export function compileTemplate(source: string, functions: TemplateFunctions): Template {
  const known = new Set([...Object.keys(functions), "and", "or"]);
  const parser = new TemplateParser(splitTemplate(source), known);
  const node = parser.parse();
  return {
    render(data) {
      const variables = new Variables();
      variables.declare("", data);
      const output: string[] = [];
      node({ dot: data, variables, functions }, output);
      return output.join("");
    },
  };
}

/** Writes what it makes of the scope. */
type Node = (scope: Scope, output: string[]) => void;

/** Thrown by {{break}} and {{continue}} to the loop around them. */
class LoopExit extends Error {
  readonly ends: boolean;

  constructor(ends: boolean) {
    super("template: break or continue outside of range");
    this.ends = ends;
  }
}

class TemplateParser {
  readonly #segments: readonly Segment[];
  readonly #known: ReadonlySet<string>;
  #at = 0;

  constructor(segments: readonly Segment[], known: ReadonlySet<string>) {
    this.#segments = segments;
    this.#known = known;
  }

  parse(): Node {
    const node = this.#list();
    if (this.#at < this.#segments.length) throw new Error("template: unexpected {{end}} or {{else}}");
    return node;
  }

  /** Up to the end, or the {{else}} or {{end}} that closes it, which is left. */
  #list(): Node {
    const nodes: Node[] = [];
    for (let segment = this.#segments[this.#at]; segment; segment = this.#segments[this.#at]) {
      if (segment.type === "text") {
        const { text } = segment;
        nodes.push((_scope, output) => void output.push(text));
        this.#at++;
        continue;
      }
      const keyword = keywordOf(segment.words);
      if (keyword === "end" || keyword === "else") break;
      this.#at++;
      nodes.push(this.#action(keyword, segment.words));
    }
    return (scope, output) => {
      for (const node of nodes) node(scope, output);
    };
  }

  #action(keyword: string | undefined, words: readonly Word[]): Node {
    const rest = words.slice(1);
    switch (keyword) {
      case "if":
        return this.#branch(rest, false);
      case "with":
        return this.#branch(rest, true);
      case "range":
        return this.#range(rest);
      case "break":
      case "continue":
        return () => {
          throw new LoopExit(keyword === "break");
        };
      case "define":
      case "template":
      case "block":
        throw new Error(`template: {{${keyword}}} is not understood here`);
      default:
        return this.#value(words);
    }
  }

  /** A value to write, or a variable to set. */
  #value(words: readonly Word[]): Node {
    const { names, sign, rest } = splitDeclaration(words);
    const expression = compilePipeline(rest, this.#known);
    const [name] = names;
    if (name === undefined) return (scope, output) => void output.push(toText(expression(scope)));
    if (sign === "=") return (scope) => scope.variables.assign(name, expression(scope));
    return (scope) => scope.variables.declare(name, expression(scope));
  }

  #branch(words: readonly Word[], setsDot: boolean): Node {
    const { names, rest } = splitDeclaration(words);
    const condition = compilePipeline(rest, this.#known);
    const body = this.#list();
    const otherwise = this.#else();
    const [name] = names;
    return (scope, output) => {
      const variables = new Variables(scope.variables);
      const value = condition({ ...scope, variables });
      if (name !== undefined) variables.declare(name, value);
      const inner = { ...scope, variables };
      if (isTruthy(value)) body(setsDot ? { ...inner, dot: value } : inner, output);
      else otherwise?.(inner, output);
    };
  }

  #range(words: readonly Word[]): Node {
    const { names, rest } = splitDeclaration(words);
    const list = compilePipeline(rest, this.#known);
    const body = this.#list();
    const otherwise = this.#else();
    return (scope, output) => {
      const entries = entriesOf(list(scope));
      if (entries.length === 0) otherwise?.({ ...scope, variables: new Variables(scope.variables) }, output);
      for (const [key, value] of entries) {
        const variables = new Variables(scope.variables);
        // One variable is the value; of two, the first is its place.
        const [first, second] = names.length === 2 ? names : [undefined, names[0]];
        if (first !== undefined) variables.declare(first, key);
        if (second !== undefined) variables.declare(second, value);
        if (!runBody(body, { ...scope, dot: value, variables }, output)) break;
      }
    };
  }

  /** What follows {{else}}, up to and with {{end}}. */
  #else(): Node | undefined {
    const segment = this.#segments[this.#at];
    if (segment?.type !== "action") throw new Error("template: unexpected end: an {{end}} is missing");
    this.#at++;
    if (keywordOf(segment.words) === "end") return undefined;
    const rest = segment.words.slice(1).filter((word, index) => index > 0 || word.type !== "space");
    const keyword = keywordOf(rest);
    // {{else if …}} shares the {{end}}.
    if (keyword === "if" || keyword === "with") return this.#branch(rest.slice(1), keyword === "with");
    const body = this.#list();
    this.#at++;
    return body;
  }
}

/** False: the loop ends. */
function runBody(body: Node, scope: Scope, output: string[]): boolean {
  try {
    body(scope, output);
    return true;
  } catch (error) {
    if (error instanceof LoopExit) return !error.ends;
    throw error;
  }
}

function keywordOf(words: readonly Word[]): string | undefined {
  const [first] = words;
  return first?.type === "name" ? first.text : undefined;
}

interface Declaration {
  readonly names: readonly string[];
  readonly sign: ":=" | "=";
  readonly rest: readonly Word[];
}

/** "$i, $item := …": what stands before the sign, and what after it. */
function splitDeclaration(words: readonly Word[]): Declaration {
  const at = words.findIndex((word) => word.type === "sign" && (word.text === ":=" || word.text === "="));
  if (at < 0) return { names: [], sign: ":=", rest: words };
  const names = words.slice(0, at).flatMap((word) => (word.type === "variable" ? [word.name] : []));
  const sign = (words[at] as { readonly text: ":=" | "=" }).text;
  return { names, sign, rest: words.slice(at + 1) };
}

/** Maps in the order of their keys, as Go; a number counts up to itself. */
function entriesOf(value: Value): [Value, Value][] {
  if (Array.isArray(value)) return value.map((each, index) => [index, each]);
  if (typeof value === "number") return Array.from({ length: value }, (_, index) => [index, index]);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}
