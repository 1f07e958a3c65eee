// LIST: the stored objects of a namespace or of all, narrowed by selectors, in pages that all show the same revision.

import { badRequest, expired, type KubeObject, type ListMeta, StatusError } from "#kubernetes/api";
import { CompactedError, type ListResult, type StoredObject } from "#kubernetes/store";
import type { ListAnswer } from "../call.ts";
import type { RegistryContext, ResourceCall } from "./context.ts";
import { checkReached } from "./get.ts";
import { decodeContinue, encodeContinue } from "./options/continue-token.ts";
import { type ListOptions, readListOptions } from "./options/list-options.ts";
import { parseResourceVersion } from "./options/resource-version.ts";
import { compileSelection, type Selection } from "./options/selection.ts";
import { type ServedResource, showAll, showOne, storageKey } from "./resources/served-resource.ts";

export async function listObjects(context: RegistryContext, { call, resource }: ResourceCall): Promise<ListAnswer> {
  const { info, request } = call;
  const options = readListOptions(request.query, false);
  const selection = compileSelection(resource, info.namespace, info.name, options);
  const { items, metadata } = await readPage(context, resource, selection, options);
  return { kind: "list", status: 200, resource, items, metadata };
}

export interface Page {
  readonly items: readonly StoredObject[];
  readonly metadata: ListMeta;
}

/** One page of what the selection leaves, counted. Throws Expired for a token whose revision is forgotten. */
export async function readPage(
  context: RegistryContext,
  resource: ServedResource,
  selection: Selection,
  options: PageOptions,
): Promise<Page> {
  const page = await findPage(context, resource, selection, options);
  const { fetched = page.items.length } = page;
  const isConsistent = options.resourceVersion === "" && options.continue === "";
  context.lists.note(resource.info, { fetched, returned: page.items.length, isConsistent });
  return page;
}

type PageOptions = Pick<ListOptions, "limit" | "continue" | "resourceVersion" | "resourceVersionMatch">;

/** `fetched`: how many objects were looked at, where that is more than it holds. */
async function findPage(
  context: RegistryContext,
  resource: ServedResource,
  selection: Selection,
  options: PageOptions,
): Promise<Page & { readonly fetched?: number }> {
  const point = options.continue === "" ? undefined : decodeContinue(options.continue);
  if (point && options.resourceVersion !== "" && options.resourceVersion !== "0") {
    throw badRequest("specifying resource version is not allowed when using continue");
  }
  if (point?.revision !== undefined && context.pages.isTooOld(point.revision)) throw expiredToken(point.start);
  const revision = point ? point.revision : await askedRevision(context, options);
  if (selection.name !== undefined && (selection.namespace !== "" || !resource.info.namespaced)) {
    return readOne(context, resource, selection, revision);
  }
  const prefix = selection.namespace === "" ? "" : `${selection.namespace}/`;
  const start = point && { after: prefix + point.start.replace(/\0$/, "") };
  const list = (limit: number | undefined, after: string | undefined) =>
    resource.storage!.collection.list({
      ...(prefix !== "" && { keyPrefix: prefix }),
      ...(after !== undefined && { after }),
      ...(limit !== undefined && { limit }),
      ...(revision !== undefined && { revision }),
    });
  try {
    const limit = limitOf(options);
    const result = await list(selection.matches ? undefined : limit, start?.after);
    const page = selection.matches
      ? await selectPage(result, resource, prefix, selection, limit)
      : await pageOf(result, resource, prefix);
    if (page.metadata.continue !== undefined) context.pages.note(Number(page.metadata.resourceVersion));
    return { ...page, fetched: result.items.length };
  } catch (error) {
    if (!(error instanceof CompactedError)) throw error;
    throw point ? expiredToken(point.start) : expired("The resourceVersion for the provided list is too old.");
  }
}

/** As upstream: whoever takes any version gets all there is. */
function limitOf({ limit, resourceVersion }: Pick<ListOptions, "limit" | "resourceVersion">): number | undefined {
  return limit > 0 && resourceVersion !== "0" ? limit : undefined;
}

/** The revision to show exactly, undefined for the latest. A version that is only a lower bound is met by the latest. */
async function askedRevision(
  context: RegistryContext,
  options: Pick<ListOptions, "limit" | "resourceVersion" | "resourceVersionMatch">,
): Promise<number | undefined> {
  const revision = parseResourceVersion(options.resourceVersion);
  if (revision === 0) return undefined;
  await checkReached(context, revision);
  const isExact =
    options.resourceVersionMatch === "Exact" || (options.limit > 0 && options.resourceVersionMatch === "");
  return isExact ? revision : undefined;
}

/** The list of at most one object that a name leaves. */
async function readOne(
  context: RegistryContext,
  resource: ServedResource,
  selection: Selection,
  revision: number | undefined,
): Promise<Page> {
  const storage = resource.storage!;
  const { collection } = storage;
  const key = storageKey(resource, selection.namespace, selection.name!);
  if (revision !== undefined) {
    const at = await collection.list({ keyPrefix: key, limit: 1, revision });
    const items = await showAll(
      storage,
      at.items.filter((item) => item.key === key),
    );
    return { items: select(items, selection), metadata: { resourceVersion: String(at.revision) } };
  }
  const stored = await collection.get(key);
  const items = stored ? select([await showOne(storage, stored)], selection) : [];
  return { items, metadata: { resourceVersion: String(context.store.revision) } };
}

function select(items: readonly StoredObject[], { matches }: Selection): readonly StoredObject[] {
  return matches ? items.filter((item) => matches(item.object)) : items;
}

async function pageOf(result: ListResult, resource: ServedResource, prefix: string): Promise<Page> {
  const items = await showAll(resource.storage!, result.items);
  if (result.remaining === 0) return { items, metadata: { resourceVersion: String(result.revision) } };
  const last = result.items.at(-1)!.key.slice(prefix.length);
  return {
    items,
    metadata: {
      resourceVersion: String(result.revision),
      continue: encodeContinue(last, result.revision),
      remainingItemCount: result.remaining,
    },
  };
}

/** How many objects remain is not said where selectors leave some out, as upstream. */
async function selectPage(
  result: ListResult,
  resource: ServedResource,
  prefix: string,
  { matches }: Selection,
  limit: number | undefined,
): Promise<Page> {
  const items: StoredObject[] = [];
  const metadata: ListMeta = { resourceVersion: String(result.revision) };
  const { show, prepare } = resource.storage!;
  await prepare?.(result.items);
  for (const [index, stored] of result.items.entries()) {
    const shown = show(stored);
    if (!matches!(shown.object as KubeObject)) continue;
    items.push(shown);
    if (items.length !== limit) continue;
    // Whether any of the others is wanted, the next page will tell.
    const hasMore = index < result.items.length - 1;
    if (hasMore) metadata.continue = encodeContinue(stored.key.slice(prefix.length), result.revision);
    break;
  }
  return { items, metadata };
}

/** Answers with a token to go on as of now, for clients that can live with a list that is not of one moment. */
function expiredToken(start: string): StatusError {
  return new StatusError({
    code: 410,
    reason: "Expired",
    message:
      "The provided continue parameter is too old to display a consistent list result. You can start a new list without " +
      "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. " +
      "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or " +
      "deleted between the time the first chunk was returned and now may show up in the list.",
    continueToken: encodeContinue(start.replace(/\0$/, ""), undefined),
  });
}
