// Whether what is wrong with an object was as wrong before an update.

import type { Correlation } from "#kubernetes/api";

/** Where an object stands against its old one: at its own place, or at the nearest one above that can be told. */
export class Ratchet {
  readonly #current: Correlation | undefined;
  readonly #parent: Correlation | undefined;

  constructor(current: Correlation | undefined, parent?: Correlation) {
    this.#current = current;
    this.#parent = parent;
  }

  /** What is wrong is no worse than it was: a warning, not an error. */
  forgives(): boolean {
    return (this.#current ?? this.#parent)?.isUnchanged() ?? false;
  }

  field(name: string): Ratchet {
    if (!this.#current) return this;
    if (!this.#parent && (name === "apiVersion" || name === "kind")) return new Ratchet(undefined);
    return new Ratchet(this.#current.field(name), this.#current);
  }

  item(index: number): Ratchet {
    return this.#current ? new Ratchet(this.#current.item(index), this.#current) : this;
  }

  /** Within allOf, only what lies above counts. */
  within(): Ratchet {
    return new Ratchet(undefined, this.#parent);
  }
}
