// What a template sees while it runs: the dot, its variables, its functions.

/** JSON, and what functions answer. */
export type Value = unknown;

export type TemplateFunction = (...args: readonly Value[]) => Value;
export type TemplateFunctions = Readonly<Record<string, TemplateFunction>>;

export interface Scope {
  readonly dot: Value;
  readonly variables: Variables;
  readonly functions: TemplateFunctions;
}

/** Variables of a block see those around it, and can set them. */
export class Variables {
  readonly #parent: Variables | undefined;
  readonly #values = new Map<string, Value>();

  constructor(parent?: Variables) {
    this.#parent = parent;
  }

  get(name: string): Value {
    if (this.#values.has(name)) return this.#values.get(name);
    if (!this.#parent) throw new Error(`template: undefined variable "$${name}"`);
    return this.#parent.get(name);
  }

  declare(name: string, value: Value): void {
    this.#values.set(name, value);
  }

  assign(name: string, value: Value): void {
    if (this.#values.has(name)) this.#values.set(name, value);
    else if (this.#parent) this.#parent.assign(name, value);
    else throw new Error(`template: undefined variable "$${name}"`);
  }
}

/** What counts as true: all but false, 0, nothing, and what is empty. */
export function isTruthy(value: Value): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** As Go prints it. */
export function toText(value: Value): string {
  if (value === undefined || value === null) return "<no value>";
  if (Array.isArray(value)) return `[${value.map(toText).join(" ")}]`;
  if (typeof value === "object") {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `map[${entries.map(([key, each]) => `${key}:${toText(each)}`).join(" ")}]`;
  }
  return String(value);
}

/** A name of a map; of what has no names, nothing. */
export function fieldOf(value: Value, name: string): Value {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return (value as Readonly<Record<string, Value>>)[name];
}
