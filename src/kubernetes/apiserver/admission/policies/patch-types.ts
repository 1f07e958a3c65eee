// The objects that expressions of mutations make: JSONPatch{op: …, path: …, value: …} and Object{spec: Object.spec{…}}.

import { type CelType, type CelValue, fromJson, objectType, type TypeProvider, toJson, types } from "#kubernetes/cel";

export const jsonPatchType: CelType = objectType("JSONPatch");
export const appliedType: CelType = objectType("Object");

const patchFields: Readonly<Record<string, CelType>> = {
  op: types.string,
  path: types.string,
  from: types.string,
  value: types.dyn,
};

function isApplied(name: string): boolean {
  return name === "Object" || name.startsWith("Object.");
}

/** Any field may be set; a field that is an object of its own has the type named by the way to it. */
export const patchTypes: TypeProvider = {
  findType: (name) => (name === "JSONPatch" || isApplied(name) ? objectType(name) : undefined),
  findField: (name, field) => (name === "JSONPatch" ? patchFields[field] : isApplied(name) ? types.dyn : undefined),
  createObject: (_name, fields): CelValue =>
    fromJson(Object.fromEntries([...fields].map(([field, value]) => [field, toJson(value)]))),
};
