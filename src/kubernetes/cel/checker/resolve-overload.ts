// Which overloads of a function fit the types of a call's arguments: with dyn among them, there may be several.

import type { FunctionDeclaration, Overload } from "../library/declare.ts";
import { type CelType, isDyn, isExactType, types } from "../values/type.ts";
import { type Substitutions, substitute, unifyAll } from "./unify.ts";

interface Call {
  readonly argTypes: readonly CelType[];
  readonly member: boolean;
  /** A type parameter that nothing else uses. */
  readonly newParam: () => CelType;
}

interface Resolution {
  readonly substitutions: Substitutions;
  readonly ids: readonly string[];
  /** undefined where no overload fits. */
  readonly result: CelType | undefined;
}

export function resolveOverload(known: Substitutions, declared: FunctionDeclaration, call: Call): Resolution {
  let substitutions = known;
  let result: CelType | undefined;
  const ids: string[] = [];
  for (const overload of declared.overloads) {
    if (overload.member !== call.member) continue;
    const { args, result: own } = instantiate(overload, call.newParam);
    const learnt = unifyAll(substitutions, call.argTypes, args);
    if (!learnt) continue;
    substitutions = learnt;
    ids.push(overload.id);
    result = joinResults(result, substitute(substitutions, own, false));
  }
  return { substitutions, ids, result };
}

function joinResults(known: CelType | undefined, added: CelType): CelType {
  if (!known || isDyn(known) || isExactType(added, known)) return known ?? added;
  return types.dyn;
}

/** The signature with type parameters of its own. */
function instantiate(overload: Overload, newParam: () => CelType): { args: readonly CelType[]; result: CelType } {
  const params = new Map<string, CelType>();
  const collect = (type: CelType): void => {
    if (type.kind === "typeParam" && !params.has(type.name)) params.set(type.name, newParam());
    for (const param of type.params) collect(param);
  };
  for (const type of [overload.result, ...overload.args]) collect(type);
  if (params.size === 0) return overload;
  return {
    args: overload.args.map((arg) => substitute(params, arg, false)),
    result: substitute(params, overload.result, false),
  };
}
