// DELETECOLLECTION: everything a list with the same selectors shows, deleted one by one; answers the list.

import { isNotFound } from "#kubernetes/api";
import type { StoredObject } from "#kubernetes/store";
import type { ListAnswer } from "../call.ts";
import { readDeleteOptions } from "./bodies/delete-body.ts";
import type { RegistryContext, ResourceCall } from "./context.ts";
import { removeObject, warnOfDelete } from "./delete.ts";
import { readPage } from "./list.ts";
import { readListOptions } from "./options/list-options.ts";
import { compileSelection } from "./options/selection.ts";

/** Deletes under way at a time: enough to share the store's flushes. */
const mostAtOnce = 64;

export async function deleteCollection(context: RegistryContext, request: ResourceCall): Promise<ListAnswer> {
  const { call, resource } = request;
  const listOptions = readListOptions(call.request.query, false);
  const options = readDeleteOptions(request);
  warnOfDelete(request, options);
  const selection = compileSelection(resource, call.info.namespace, call.info.name, listOptions);
  const { items, metadata } = await readPage(context, resource, selection, listOptions);
  const remove = async (item: StoredObject): Promise<void> => {
    const { name = "", namespace = "" } = item.object.metadata;
    const inNamespace = { ...call, info: { ...call.info, namespace } };
    try {
      await removeObject(context, { ...request, call: inNamespace }, name, options);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  };
  for (let start = 0; start < items.length; start += mostAtOnce) {
    await Promise.all(items.slice(start, start + mostAtOnce).map(remove));
  }
  return { kind: "list", status: 200, resource, items, metadata };
}
