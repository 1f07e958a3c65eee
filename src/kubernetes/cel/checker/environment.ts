// What an expression may name: variables, functions and the types of objects.

import type { FunctionDeclaration, Overload } from "../library/declare.ts";
import { type CelType, listType, mapType, paramType, types, typeType } from "../values/type.ts";
import { CelTypeValue, type CelValue } from "../values/value.ts";

/** Knows the types of objects by name. */
export interface TypeProvider {
  /** The type of that name. */
  findType(name: string): CelType | undefined;
  /** The type of an object's field, by its escaped name. */
  findField(typeName: string, field: string): CelType | undefined;
  /** Makes an object of its fields' values; absent where objects cannot be made. */
  createObject?(typeName: string, fields: ReadonlyMap<string, CelValue>): CelValue;
}

/** What an expression is compiled against. */
export interface Environment {
  readonly functions: ReadonlyMap<string, FunctionDeclaration>;
  readonly variables: ReadonlyMap<string, CelType>;
  readonly types: TypeProvider;
  /** Whether the macro cel.bind is known. */
  readonly hasBindings?: boolean;
}

/** What a name stands for: a variable, or a type, which is a constant. */
export interface Declaration {
  readonly name: string;
  readonly type: CelType;
  readonly value?: CelValue;
}

const standardTypes: ReadonlyMap<string, CelType> = new Map([
  ["bool", types.bool],
  ["bytes", types.bytes],
  ["double", types.double],
  ["google.protobuf.Duration", types.duration],
  ["int", types.int],
  ["list", listType(paramType("A"))],
  ["map", mapType(paramType("A"), paramType("B"))],
  ["null_type", types.null],
  ["string", types.string],
  ["google.protobuf.Timestamp", types.timestamp],
  ["type", types.type],
  ["uint", types.uint],
]);

/** What a name means; a leading dot only says that it is whole. */
export function findDeclaration(environment: Environment, name: string): Declaration | undefined {
  const absolute = name.startsWith(".") ? name.slice(1) : name;
  const variable = environment.variables.get(absolute);
  if (variable) return { name: absolute, type: variable };
  const type = standardTypes.get(absolute) ?? environment.types.findType(absolute);
  return type && { name: absolute, type: typeType(type), value: new CelTypeValue(type) };
}

export function findFunction(environment: Environment, name: string): FunctionDeclaration | undefined {
  return environment.functions.get(name.startsWith(".") ? name.slice(1) : name);
}

/** Puts libraries together: overloads of one function from several add up. */
export function joinFunctions(
  ...libraries: readonly (readonly FunctionDeclaration[])[]
): ReadonlyMap<string, FunctionDeclaration> {
  const functions = new Map<string, FunctionDeclaration>();
  for (const declared of libraries.flat()) {
    const known = functions.get(declared.name);
    functions.set(declared.name, known ? joinOverloads(known, declared) : declared);
  }
  return functions;
}

function joinOverloads(known: FunctionDeclaration, added: FunctionDeclaration): FunctionDeclaration {
  const ids = new Set(known.overloads.map((overload: Overload) => overload.id));
  const overloads = [...known.overloads, ...added.overloads.filter((overload) => !ids.has(overload.id))];
  return { ...known, overloads };
}
