// Makes the nodes of an expression: gives each an id, remembers its place, and expands macros as calls are met.

import type { CelValue } from "../values/value.ts";
import {
  ACCUMULATOR,
  type CallExpr,
  type ComprehensionExpr,
  type Expr,
  type FieldExpr,
  type ListExpr,
  type MapEntryExpr,
  type StructExpr,
} from "./expr.ts";

/** A call that stands for other code. Answers undefined to stay a plain call; throws MacroError where its arguments are wrong. */
export interface Macro {
  readonly name: string;
  readonly arity: number;
  /** Written `target.name(…)` instead of `name(…)`. */
  readonly receiver: boolean;
  readonly expand: (make: MacroBuilder, target: Expr, args: readonly Expr[]) => Expr | undefined;
}

export class MacroError extends Error {
  /** The node it concerns. */
  readonly id: number;

  constructor(id: number, message: string) {
    super(message);
    this.id = id;
  }
}

export type Macros = ReadonlyMap<string, Macro>;

export function indexMacros(macros: readonly Macro[]): Macros {
  return new Map(macros.map((macro) => [macroKey(macro.name, macro.arity, macro.receiver), macro]));
}

function macroKey(name: string, arity: number, receiver: boolean): string {
  return `${name}:${arity}:${receiver}`;
}

interface Call {
  readonly id: number;
  readonly name: string;
  readonly target?: Expr;
  readonly args: readonly Expr[];
}

/** What goes wrong in a macro is handed to `report`, with the offset it concerns. */
export class ExprBuilder {
  /** From id to offset in the text. */
  readonly offsets: (number | undefined)[] = [undefined];
  readonly #macros: Macros;
  readonly #report: (offset: number | undefined, message: string) => void;

  constructor(macros: Macros, report: (offset: number | undefined, message: string) => void) {
    this.#macros = macros;
    this.#report = report;
  }

  /** A new id for something at an offset. */
  id(offset: number | undefined): number {
    return this.offsets.push(offset) - 1;
  }

  literal(offset: number, value: CelValue): Expr {
    return { kind: "literal", id: this.id(offset), value };
  }

  ident(offset: number, name: string): Expr {
    return { kind: "ident", id: this.id(offset), name };
  }

  select(offset: number, operand: Expr, field: string): Expr {
    return { kind: "select", id: this.id(offset), operand, field, testOnly: false };
  }

  /** A node in the place of something wrong, which is reported. */
  broken(offset: number | undefined, message?: string): Expr {
    if (message !== undefined) this.#report(offset, message);
    return { kind: "broken", id: this.id(offset) };
  }

  /** A call, or what it stands for if it is a macro. */
  call({ id, name, target, args }: Call): Expr {
    const macro = this.#macros.get(macroKey(name, args.length, target !== undefined));
    const plain: CallExpr = { kind: "call", id, name, target, args };
    if (!macro) return plain;
    try {
      const make = new MacroBuilder(this, this.offsets[id]);
      return macro.expand(make, target ?? plain, args) ?? plain;
    } catch (error) {
      if (!(error instanceof MacroError)) throw error;
      return this.broken(this.offsets[error.id], error.message);
    }
  }
}

/** What a macro makes nodes with: all are placed where the macro was called. */
export class MacroBuilder {
  readonly #builder: ExprBuilder;
  readonly #offset: number | undefined;

  constructor(builder: ExprBuilder, offset: number | undefined) {
    this.#builder = builder;
    this.#offset = offset;
  }

  literal(value: CelValue): Expr {
    return { kind: "literal", id: this.#id(), value };
  }

  ident(name: string): Expr {
    return { kind: "ident", id: this.#id(), name };
  }

  accumulator(): Expr {
    return this.ident(ACCUMULATOR);
  }

  call(name: string, ...args: readonly Expr[]): Expr {
    return { kind: "call", id: this.#id(), name, target: undefined, args };
  }

  memberCall(name: string, target: Expr, ...args: readonly Expr[]): Expr {
    return { kind: "call", id: this.#id(), name, target, args };
  }

  list(...elements: readonly Expr[]): Expr {
    return { kind: "list", id: this.#id(), elements, optionals: new Set() };
  }

  emptyMap(): Expr {
    return { kind: "map", id: this.#id(), entries: [] };
  }

  presenceTest(operand: Expr, field: string): Expr {
    return { kind: "select", id: this.#id(), operand, field, testOnly: true };
  }

  comprehension(parts: Omit<ComprehensionExpr, "kind" | "id">): Expr {
    return { kind: "comprehension", id: this.#id(), ...parts };
  }

  /** The same expression with new ids. */
  copy(expr: Expr): Expr {
    const id = this.#builder.id(this.#builder.offsets[expr.id]);
    switch (expr.kind) {
      case "select":
        return { ...expr, id, operand: this.copy(expr.operand) };
      case "call":
        return this.#copyCall(expr, id);
      case "list":
        return { ...expr, id, elements: expr.elements.map((element) => this.copy(element)) } satisfies ListExpr;
      case "map":
        return { ...expr, id, entries: expr.entries.map((entry) => this.#copyEntry(entry)) };
      case "struct":
        return { ...expr, id, fields: expr.fields.map((field) => this.#copyField(field)) } satisfies StructExpr;
      case "comprehension":
        return this.#copyComprehension(expr, id);
      default:
        return { ...expr, id };
    }
  }

  #copyCall(expr: CallExpr, id: number): Expr {
    const args = expr.args.map((arg) => this.copy(arg));
    return { ...expr, id, target: expr.target && this.copy(expr.target), args };
  }

  #copyEntry(entry: MapEntryExpr): MapEntryExpr {
    return { ...entry, id: this.#id(), key: this.copy(entry.key), value: this.copy(entry.value) };
  }

  #copyField(field: FieldExpr): FieldExpr {
    return { ...field, id: this.#id(), value: this.copy(field.value) };
  }

  #copyComprehension(expr: ComprehensionExpr, id: number): Expr {
    const { range, init, condition, step, result } = expr;
    return {
      ...expr,
      id,
      range: this.copy(range),
      init: this.copy(init),
      condition: this.copy(condition),
      step: this.copy(step),
      result: this.copy(result),
    };
  }

  #id(): number {
    return this.#builder.id(this.#offset);
  }
}
