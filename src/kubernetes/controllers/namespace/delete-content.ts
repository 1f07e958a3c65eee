// Removes what is in a namespace, resource by resource: pods first, so that nothing is taken from under them.

import {
  isNotFound,
  isStatusError,
  type KubeObject,
  keyOf,
  type Namespace,
  type Pod,
  type Resource,
} from "#kubernetes/api";
import { type Client, type DiscoveredResource, discoverResources } from "#kubernetes/client";
import { describeError } from "#shared";
import { estimatePodTermination, type Findings, finalizerEstimateSeconds, type Remainder } from "./plan.ts";

export interface DeleteContentOptions {
  readonly client: Client;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/** One attempt. Throws only where nothing could be found out; what went wrong in parts is in the findings. */
export async function deleteContent(namespace: Namespace, options: DeleteContentOptions): Promise<Findings> {
  const { resources, failures } = await discoverResources(options.client, options.signal);
  const contentErrors: string[] = [];
  const discovery = failures.size > 0 ? { discoveryError: describeFailures(failures) } : {};
  const deletable = resources.filter(
    ({ resource, verbs, isPreferred }) => isPreferred && resource.namespaced && verbs.includes("delete"),
  );
  const removeAll = async (some: readonly DiscoveredResource[], prefix = ""): Promise<Remainder[]> => {
    const attempts = some.map((entry) =>
      removeResource(namespace, entry, options).catch((error) => {
        contentErrors.push(`${prefix}${describeError(error)}`);
        return error instanceof StuckContentError ? error.remainder : undefined;
      }),
    );
    return (await Promise.all(attempts)).filter((remainder) => remainder !== undefined);
  };

  const pods = await removeAll(
    deletable.filter(({ resource }) => isPods(resource)),
    `failed to delete pods for namespace: ${namespace.metadata.name}, err: `,
  );
  if (pods.some(({ count }) => count > 0)) return { ...discovery, contentErrors, estimateSeconds: longest(pods) };
  const others = await removeAll(deletable.filter(({ resource }) => !isPods(resource)));
  const remainders = [...pods, ...others];
  return { ...discovery, contentErrors, remainders, estimateSeconds: longest(remainders) };
}

function longest(remainders: readonly Remainder[]): number {
  return Math.max(0, ...remainders.map(({ estimateSeconds }) => estimateSeconds));
}

/** Objects that should be gone, and that nothing holds. */
class StuckContentError extends Error {
  override readonly name = "StuckContentError";
  readonly remainder: Remainder;

  constructor(namespace: string, remainder: Remainder) {
    const { group, version, resource } = remainder.resource;
    super(
      `unexpected items still remain in namespace: ${namespace} for gvr: ${group}/${version}, Resource=${resource}`,
    );
    this.remainder = remainder;
  }
}

async function removeResource(
  namespace: Namespace,
  { resource, verbs }: DiscoveredResource,
  options: DeleteContentOptions,
): Promise<Remainder> {
  const { client, signal } = options;
  const { name = "" } = namespace.metadata;
  const nothing: Remainder = { resource, count: 0, finalizers: {}, estimateSeconds: 0 };
  if (!verbs.includes("list")) {
    await removeCollection(client, resource, name, signal);
    return nothing;
  }
  const present = (await listAll(client, resource, name, signal)) ?? [];
  if (present.length === 0) return nothing;
  const podEstimate = isPods(resource)
    ? estimatePodTermination(present as readonly Pod[], namespace.metadata.deletionTimestamp, options.nowMs)
    : 0;
  if (verbs.includes("deletecollection")) await removeCollection(client, resource, name, signal);
  else await removeEach(client, resource, present, signal);

  const left = (await listAll(client, resource, name, signal)) ?? [];
  if (left.length === 0) return nothing;
  const finalizers = countFinalizers(left);
  const hasFinalizers = Object.keys(finalizers).length > 0;
  const estimateSeconds = podEstimate || (hasFinalizers ? finalizerEstimateSeconds : 0);
  const remainder = { resource, count: left.length, finalizers, estimateSeconds };
  if (estimateSeconds === 0) throw new StuckContentError(name, remainder);
  return remainder;
}

function isPods({ group, resource }: Resource): boolean {
  return group === "" && resource === "pods";
}

/** Undefined where discovery promised more than the server keeps. */
async function listAll(client: Client, resource: Resource, namespace: string, signal: AbortSignal) {
  const { items } = (await tolerateUnserved(client.list(resource, { namespace, signal }))) ?? {};
  return items;
}

async function removeCollection(client: Client, resource: Resource, namespace: string, signal: AbortSignal) {
  await tolerateUnserved(client.deleteCollection(resource, { namespace }, { propagationPolicy: "Background", signal }));
}

async function removeEach(client: Client, resource: Resource, objects: readonly KubeObject[], signal: AbortSignal) {
  for (const object of objects) {
    await tolerateUnserved(client.delete(resource, keyOf(object), { propagationPolicy: "Background", signal }));
  }
}

async function tolerateUnserved<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isNotFound(error) || (isStatusError(error) && error.reason === "MethodNotAllowed")) return undefined;
    throw error;
  }
}

function countFinalizers(objects: readonly KubeObject[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { metadata } of objects) {
    for (const finalizer of metadata.finalizers ?? []) counts[finalizer] = (counts[finalizer] ?? 0) + 1;
  }
  return counts;
}

function describeFailures(failures: ReadonlyMap<string, string>): string {
  const list = [...failures].map(([groupVersion, error]) => `${groupVersion}: ${error}`).sort();
  const failed = `unable to retrieve the complete list of server APIs: ${list.join(", ")}`;
  return `Discovery failed for some groups, ${failures.size} failing: ${failed}`;
}
