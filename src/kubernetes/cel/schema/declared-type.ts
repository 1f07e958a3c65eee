// Types declared from schemas: what the checker may know of a value, and how large it can get.

import type { TypeProvider } from "../checker/environment.ts";
import type { SizeHints } from "../cost/cost-node.ts";
import { type CelType, listType, mapType, objectType, types } from "../values/type.ts";
import { isReservedName } from "./escape.ts";

export interface DeclaredType {
  readonly type: CelType;
  /** The fields of an object, by escaped name. */
  readonly fields?: ReadonlyMap<string, DeclaredType>;
  /** The keys of a map. */
  readonly keys?: DeclaredType;
  /** The items of a list, the values of a map. */
  readonly elements?: DeclaredType;
  /** The most items, entries or characters it can have; 0 for what has no size. */
  readonly maxElements: number;
  /** The fewest bytes it takes as JSON. */
  readonly minSize: number;
}

const MIN_STRING_SIZE = 2;

export function simpleType(type: CelType, minSize: number, maxElements = 0): DeclaredType {
  return { type, minSize, maxElements };
}

export const declaredString: DeclaredType = simpleType(types.string, MIN_STRING_SIZE);

export function declaredList(elements: DeclaredType, maxElements: number): DeclaredType {
  return { type: listType(elements.type), elements, maxElements, minSize: 2 };
}

export function declaredMap(elements: DeclaredType, maxElements: number): DeclaredType {
  return { type: mapType(types.string, elements.type), keys: declaredString, elements, maxElements, minSize: 2 };
}

/** An object; its type is named later, by where it lies. */
export function declaredObject(fields: ReadonlyMap<string, DeclaredType>, minSize = 2, name = ANONYMOUS): DeclaredType {
  return { type: objectType(name), fields, maxElements: 0, minSize };
}

const ANONYMOUS = "object";

/** The same type with every nameless object in it named by the way to it. */
export function nameTypes(declared: DeclaredType, name: string): DeclaredType {
  const { fields, elements } = declared;
  if (fields) {
    const own = declared.type.name === ANONYMOUS ? name : declared.type.name;
    const named = new Map(Array.from(fields, ([field, type]) => [field, nameTypes(type, `${own}.${field}`)]));
    return { ...declared, type: objectType(own), fields: named };
  }
  if (!elements) return declared;
  if (declared.keys) return declaredMap(nameTypes(elements, `${name}.@elem`), declared.maxElements);
  return declaredList(nameTypes(elements, `${name}.@idx`), declared.maxElements);
}

/** Looks the objects within these types up by name. */
export function provideTypes(...roots: readonly DeclaredType[]): TypeProvider {
  const objects = new Map<string, DeclaredType>();
  const collect = (declared: DeclaredType): void => {
    if (declared.fields && !objects.has(declared.type.name)) {
      objects.set(declared.type.name, declared);
      for (const field of declared.fields.values()) collect(field);
    }
    if (declared.elements) collect(declared.elements);
  };
  for (const root of roots) collect(root);
  return {
    findType: (name) => objects.get(name)?.type,
    findField: (name, field) => {
      const fields = objects.get(name)?.fields;
      return (fields?.get(field) ?? (isReservedName(field) ? fields?.get(`__${field}__`) : undefined))?.type;
    },
  };
}

/** How large the values below a variable of this type can get. */
export function sizeHintsOf(root: DeclaredType): SizeHints {
  return ([, ...steps]) => {
    let at: DeclaredType | undefined = root;
    for (const step of steps) {
      if (step === "@items" || step === "@values") at = at.elements;
      else at = step === "@keys" ? at.keys : at.fields?.get(step);
      if (!at) return undefined;
    }
    return at.maxElements;
  };
}
