// The kind of a request's body: the resource's own, or that of a subresource such as Binding or Scale.

import { type ObjectSchema, schemaOfKind } from "#kubernetes/api";
import type { ServedResource } from "../resources/served-resource.ts";

export interface BodyKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly schema: ObjectSchema;
  /** Whether it is the resource's own kind. */
  readonly isOwn: boolean;
}

export function bodyKindOf(resource: ServedResource, subresource: string): BodyKind {
  const { group, version, kind } = resource.info;
  const own = { group, version, kind, schema: resource.schema, isOwn: true };
  const declared = resource.subresources.get(subresource)?.kind;
  if (!declared) return own;
  const other = {
    group: declared[1] === "" ? group : declared[0],
    version: declared[1] === "" ? version : declared[1],
    kind: declared[2],
  };
  if (other.kind === kind && other.group === group) return own;
  const schema = schemaOfKind(other.group, other.version, other.kind);
  if (!schema) throw new Error(`Cannot read a ${other.kind}: the types table has no such kind`);
  return { ...other, schema, isOwn: false };
}
