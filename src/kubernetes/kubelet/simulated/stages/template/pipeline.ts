// Pipelines of a Go template: commands joined by "|", each with its arguments; compiled to functions of the scope.

import type { Word } from "./lexer.ts";
import { fieldOf, isTruthy, type Scope, type TemplateFunction, type Value } from "./scope.ts";

export type Expression = (scope: Scope) => Value;

/** Throws where the words are no pipeline, or call a function there is not. */
export function compilePipeline(words: readonly Word[], known: ReadonlySet<string>): Expression {
  const parser = new PipelineParser(words, known);
  const expression = parser.pipeline();
  parser.expectEnd();
  return expression;
}

/** An argument in front of which others have been evaluated is called with all, lazily where the function wants it. */
type Argument = Expression;

class PipelineParser {
  readonly #words: readonly Word[];
  readonly #known: ReadonlySet<string>;
  #at = 0;

  constructor(words: readonly Word[], known: ReadonlySet<string>) {
    this.#words = words;
    this.#known = known;
  }

  pipeline(): Expression {
    let expression = this.#command(undefined);
    while (this.#takeSign("|")) expression = this.#command(expression);
    return expression;
  }

  expectEnd(): void {
    this.#skipSpace();
    if (this.#at < this.#words.length) throw new Error("template: unexpected words at the end of an action");
  }

  /** `piped` is the value of what came before the "|": the last argument. */
  #command(piped: Expression | undefined): Expression {
    this.#skipSpace();
    const word = this.#words[this.#at];
    if (word?.type === "name" && !(word.text in constants)) {
      this.#at++;
      if (!this.#known.has(word.text)) throw new Error(`template: function ${JSON.stringify(word.text)} not defined`);
      const args = this.#arguments();
      return call(word.text, piped ? [...args, piped] : args);
    }
    const operand = this.#operand();
    if (!operand) throw new Error("template: missing value for command");
    if (piped) throw new Error("template: a value can't take arguments");
    return operand;
  }

  #arguments(): Argument[] {
    const args: Argument[] = [];
    for (;;) {
      this.#skipSpace();
      const operand = this.#operand();
      if (!operand) return args;
      args.push(operand);
    }
  }

  /** A value with the fields after it; undefined where there is none. */
  #operand(): Expression | undefined {
    const word = this.#words[this.#at];
    if (!word) return undefined;
    if (word.type === "field") return this.#chain((scope) => scope.dot);
    this.#at++;
    if (word.type === "literal") return () => word.value;
    if (word.type === "variable") return this.#chain((scope) => scope.variables.get(word.name));
    if (word.type === "name") return this.#name(word.text);
    if (word.type === "sign" && word.text === "(") {
      const inner = this.pipeline();
      if (!this.#takeSign(")")) throw new Error("template: unclosed left paren");
      return this.#chain(inner);
    }
    this.#at--;
    return undefined;
  }

  #name(text: string): Expression {
    if (text in constants) return () => constants[text];
    if (!this.#known.has(text)) throw new Error(`template: function ${JSON.stringify(text)} not defined`);
    return call(text, []);
  }

  #chain(start: Expression): Expression {
    const names: string[] = [];
    for (let word = this.#words[this.#at]; word?.type === "field"; word = this.#words[this.#at]) {
      if (word.name !== "") names.push(word.name);
      this.#at++;
    }
    return names.length === 0 ? start : (scope) => names.reduce<Value>(fieldOf, start(scope));
  }

  #takeSign(text: string): boolean {
    this.#skipSpace();
    const word = this.#words[this.#at];
    const found = word?.type === "sign" && word.text === text;
    if (found) this.#at++;
    return found;
  }

  #skipSpace(): void {
    while (this.#words[this.#at]?.type === "space") this.#at++;
  }
}

const constants: Readonly<Record<string, Value>> = { true: true, false: false, nil: undefined };

function call(name: string, args: readonly Argument[]): Expression {
  if (name === "and") return (scope) => pick(args, scope, (value) => !isTruthy(value));
  if (name === "or") return (scope) => pick(args, scope, isTruthy);
  return (scope) => {
    const run: TemplateFunction | undefined = scope.functions[name];
    if (!run) throw new Error(`template: function ${JSON.stringify(name)} not defined`);
    return run(...args.map((argument) => argument(scope)));
  };
}

/** The first that decides, or the last; those after it are not looked at. */
function pick(args: readonly Argument[], scope: Scope, decides: (value: Value) => boolean): Value {
  let value: Value;
  for (const argument of args) {
    value = argument(scope);
    if (decides(value)) return value;
  }
  return value;
}
