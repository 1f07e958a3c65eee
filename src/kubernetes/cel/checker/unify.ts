// Which types fit which, with type parameters that take the types they meet.

import { CelType, isDyn, isExactType, types } from "../values/type.ts";

/** From a type parameter to what it stands for. Never changed: a new one is made where something is learnt. */
export type Substitutions = ReadonlyMap<string, CelType>;

/** The substitutions under which a value of type `from` may stand where `to` is wanted, and the other way round. */
export function unify(known: Substitutions, from: CelType, to: CelType): Substitutions | undefined {
  return unifyAll(known, [from], [to]);
}

export function unifyAll(
  known: Substitutions,
  from: readonly CelType[],
  to: readonly CelType[],
): Substitutions | undefined {
  const learnt = new Map(known);
  return fitsAll(learnt, from, to) ? learnt : undefined;
}

type Mapping = Map<string, CelType>;

function fitsAll(mapping: Mapping, from: readonly CelType[], to: readonly CelType[]): boolean {
  return from.length === to.length && from.every((type, i) => fits(mapping, type, to[i]!));
}

function fits(mapping: Mapping, from: CelType, to: CelType): boolean {
  if (to.kind === "typeParam") {
    const { valid, known } = substitutes(mapping, from, to);
    if (valid || known) return valid;
  }
  if (from.kind === "typeParam") return substitutes(mapping, to, from).valid;
  if (isDynOrError(from) || isDynOrError(to)) return true;
  if (from.kind === "null") return isNullable(to);
  if (to.kind === "null") return isNullable(from);
  switch (from.kind) {
    case "type":
      return to.kind === "type";
    case "opaque":
    case "list":
    case "map":
      return from.kind === to.kind && from.name === to.name && fitsAll(mapping, from.params, to.params);
    default:
      return isExactType(from, to);
  }
}

function isDynOrError(type: CelType): boolean {
  return type.kind === "error" || isDyn(type);
}

function isNullable(type: CelType): boolean {
  return ["null", "opaque", "struct", "any", "duration", "timestamp"].includes(type.kind);
}

/** Whether `type` may take the place of the parameter; `known` where the parameter stood for something before. */
function substitutes(mapping: Mapping, type: CelType, param: CelType): { valid: boolean; known: boolean } {
  if (isExactType(type, param)) return { valid: true, known: true };
  const old = mapping.get(param.name);
  if (!old) {
    if (occursIn(mapping, param, type)) return { valid: false, known: false };
    mapping.set(param.name, type);
    return { valid: true, known: false };
  }
  if (isExactType(type, old)) return { valid: true, known: true };
  if (!fits(mapping, type, old)) return { valid: false, known: true };
  const general = mostGeneral(type, old);
  if (!occursIn(mapping, param, general)) mapping.set(param.name, general);
  return { valid: true, known: true };
}

function occursIn(mapping: Mapping, param: CelType, within: CelType): boolean {
  if (isExactType(param, within)) return true;
  if (within.kind === "typeParam") {
    const meaning = mapping.get(within.name);
    return meaning !== undefined && occursIn(mapping, param, meaning);
  }
  return within.params.some((inner) => occursIn(mapping, param, inner));
}

export function mostGeneral(a: CelType, b: CelType): CelType {
  return isAsGeneral(a, b) ? a : b;
}

function isAsGeneral(a: CelType, b: CelType): boolean {
  if (isDyn(a) || a.kind === "typeParam") return true;
  if (isDyn(b) || b.kind === "typeParam") return false;
  if (a.kind !== b.kind) return false;
  if (a.kind === "type") return true;
  if (a.kind === "opaque" && (a.name !== b.name || a.params.length !== b.params.length)) return false;
  if (a.kind === "opaque" || a.kind === "list" || a.kind === "map") {
    return a.params.every((param, i) => isAsGeneral(param, b.params[i]!));
  }
  return isExactType(a, b);
}

/** The type with its parameters replaced by what they stand for; those that stand for nothing become dyn if `close`. */
export function substitute(known: Substitutions, type: CelType, close: boolean): CelType {
  const meaning = type.kind === "typeParam" ? known.get(type.name) : undefined;
  if (meaning) return substitute(known, meaning, close);
  if (type.kind === "typeParam") return close ? types.dyn : type;
  if (type.params.length === 0 || type.kind === "struct") return type;
  return new CelType(
    type.kind,
    type.name,
    type.params.map((param) => substitute(known, param, close)),
  );
}
