// Entries in a person's kubeconfig, put in and taken out. Pure, on parsed documents; what it does not know it keeps.

import { describeUser, encode, type KubeconfigEntry } from "./render-kubeconfig.ts";

interface NamedEntry {
  name: string;
  [field: string]: unknown;
}

/** A kubeconfig as parsed; lists may be missing or null, as kubectl allows. */
export interface KubeconfigDocument {
  clusters?: NamedEntry[] | null;
  users?: NamedEntry[] | null;
  contexts?: NamedEntry[] | null;
  "current-context"?: string;
  [field: string]: unknown;
}

/** With the entry in it, in place of an older one of its name, and its context the current one. */
export function mergeEntry(document: KubeconfigDocument, entry: KubeconfigEntry): KubeconfigDocument {
  const { name } = entry;
  return {
    apiVersion: "v1",
    kind: "Config",
    ...document,
    clusters: upsert(document.clusters, {
      name,
      cluster: { server: entry.server, "certificate-authority-data": encode(entry.authority) },
    }),
    users: upsert(document.users, {
      name,
      user: describeUser(entry),
    }),
    contexts: upsert(document.contexts, { name, context: { cluster: name, user: name } }),
    "current-context": name,
  };
}

/** Without the entries of that name; `previous` becomes the current context where the removed one was, if it is still there. */
export function removeEntry(document: KubeconfigDocument, name: string, previous?: string): KubeconfigDocument {
  const without = (list: NamedEntry[] | null | undefined) => (list ?? []).filter((entry) => entry.name !== name);
  const contexts = without(document.contexts);
  const removed = { ...document, clusters: without(document.clusters), users: without(document.users), contexts };
  if (document["current-context"] !== name) return removed;
  const { "current-context": _, ...rest } = removed;
  const known = previous !== undefined && contexts.some((context) => context.name === previous);
  return known ? { ...rest, "current-context": previous } : rest;
}

/** Whether it is just what mergeEntry would make of it. */
export function hasEntry(document: KubeconfigDocument, entry: KubeconfigEntry): boolean {
  return (
    JSON.stringify(mergeEntry(document, entry)) === JSON.stringify({ apiVersion: "v1", kind: "Config", ...document })
  );
}

export function isEmpty({ clusters, users, contexts }: KubeconfigDocument): boolean {
  return [clusters, users, contexts].every((list) => (list ?? []).length === 0);
}

function upsert(list: NamedEntry[] | null | undefined, entry: NamedEntry): NamedEntry[] {
  const others = list ?? [];
  const index = others.findIndex(({ name }) => name === entry.name);
  return index < 0 ? [...others, entry] : others.with(index, entry);
}
