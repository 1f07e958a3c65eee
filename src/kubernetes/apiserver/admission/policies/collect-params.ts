// The parameters a binding gives its policy: objects of the policy's paramKind, by name or by selector.

import { type KubeObject, type ParamKind, type ParamRef, parseApiVersion, selectorOf } from "#kubernetes/api";
import type { ResourceTable } from "../../registry/resources/resource-table.ts";
import { type ServedResource, showAll, showOne } from "../../registry/resources/served-resource.ts";

/** One evaluation for each; undefined: an evaluation without parameters. Throws an Error where the binding is at fault. */
export async function collectParams(
  paramKind: ParamKind | undefined,
  paramRef: ParamRef | undefined,
  namespace: string,
  table: ResourceTable,
): Promise<readonly (KubeObject | undefined)[]> {
  if (!paramKind || !paramRef) return [undefined];
  const resource = findResource(paramKind, table);
  if (!resource?.storage)
    throw new Error(`paramKind kind \`${paramKind.apiVersion}, Kind=${paramKind.kind}\` not known`);
  const prefix = prefixOf(resource, paramRef, namespace);
  const found = await find(resource, paramRef, prefix);
  if (found.length === 0 && paramRef.parameterNotFoundAction === "Deny") {
    throw new Error("no params found for policy binding with `Deny` parameterNotFoundAction");
  }
  return found;
}

function findResource({ apiVersion = "", kind }: ParamKind, table: ResourceTable): ServedResource | undefined {
  const { group, version } = parseApiVersion(apiVersion);
  return table.version(group, version)?.resources.find(({ info }) => info.kind === kind);
}

/** Where keys of the parameters begin. */
function prefixOf({ info }: ServedResource, paramRef: ParamRef, namespace: string): string {
  if (!info.namespaced) {
    if (paramRef.namespace) throw new Error("paramRef.namespace must not be provided for a cluster-scoped `paramKind`");
    return "";
  }
  const own = paramRef.namespace || namespace;
  if (own) return `${own}/`;
  throw new Error("cannot use namespaced paramRef in policy binding that matches cluster-scoped resources");
}

async function find({ storage }: ServedResource, { name, selector }: ParamRef, prefix: string): Promise<KubeObject[]> {
  const { collection } = storage!;
  if (name) {
    const stored = await collection.get(prefix + name);
    return stored ? [(await showOne(storage!, stored)).object] : [];
  }
  if (!selector) throw new Error("one of name or selector must be provided");
  const wanted = selectorOf(selector);
  const { items } = await collection.list({ keyPrefix: prefix });
  const chosen = items.filter(({ object }) => wanted.matches(object.metadata.labels));
  return (await showAll(storage!, chosen)).map(({ object }) => object);
}
