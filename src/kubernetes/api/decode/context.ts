// What one decoding carries along: where it is, which fields nobody knew, and the first thing that was wrong.

import { CodecError } from "../codec-error.ts";
import { quote } from "../go-format.ts";
import { mostStrictProblems } from "../json/strict-problems.ts";

/** A value does not fit its type; the message is Go's. */
export class DecodeError extends CodecError {
  override readonly name = "DecodeError";
}

/** A step on the way down: a field of an object, a key of a map, or an index of a list. */
export type PathStep = FieldStep | string | number;

export interface FieldStep {
  readonly name: string;
  /** The Go struct the field is declared in, such as PodSpec. */
  readonly structName: string;
  /** Names of the structs embedded in between, dotted, which errors show. */
  readonly via: string | undefined;
}

export class DecodeContext {
  /** Pushed and popped by the decoders of objects, lists and maps. */
  readonly path: PathStep[] = [];
  readonly #unknown = new Set<string>();
  #firstError: string | undefined;
  /** Above 0 inside types that decode themselves, which never mind unknown fields. */
  quiet = 0;

  /** `unknown field "spec.foo"`, in the order met. */
  get unknown(): readonly string[] {
    return this.#unknown.size === 0 ? none : [...this.#unknown];
  }

  reportUnknown(field: string): void {
    if (this.quiet > 0 || this.#unknown.size >= mostStrictProblems) return;
    this.#unknown.add(`unknown field ${quote(joinPath([...this.path, field]))}`);
  }

  /** Notes an error and lets decoding go on, as Go does: one that stops it is told first, wherever it stands. */
  fail(message: string): undefined {
    this.#firstError ??= message;
  }

  /** Notes that `value` is of another type than Go's `goType`. */
  mismatch(value: unknown, goType: string): undefined {
    return this.fail(this.describeMismatch(describeValue(value), goType));
  }

  /** The words for a value, described as "number 1.5", that is not of Go's `goType`. */
  describeMismatch(described: string, goType: string): string {
    const fields = this.path.filter((step) => typeof step === "object");
    const struct = fields.at(-1)?.structName;
    if (struct === undefined) return `json: cannot unmarshal ${described} into Go value of type ${goType}`;
    const path = fields.map(({ via, name }) => (via === undefined ? name : `${via}.${name}`)).join(".");
    return `json: cannot unmarshal ${described} into Go struct field ${struct}.${path} of type ${goType}`;
  }

  /** Throws what was noted. */
  finish(): void {
    if (this.#firstError !== undefined) throw new DecodeError(this.#firstError);
  }
}

const none: readonly string[] = [];

/** What a JSON value is, in Go's words. */
export function describeValue(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "boolean") return "bool";
  return typeof value === "bigint" ? "number" : typeof value;
}

function joinPath(steps: readonly PathStep[]): string {
  let path = "";
  for (const step of steps) {
    const name = typeof step === "object" ? step.name : step;
    if (typeof name === "number") path += `[${name}]`;
    else path += path === "" ? name : `.${name}`;
  }
  return path;
}
