// WATCH: what there is (where asked for), then every change from a revision on, until the time is up or the client goes.

import { expired, type KubeObject, type Status } from "#kubernetes/api";
import { CompactedError } from "#kubernetes/store";
import type { Document, WatchAnswer, WatchRecord, WatchSink } from "../../call.ts";
import type { RegistryContext, ResourceCall } from "../context.ts";
import { checkReached } from "../get.ts";
import { readPage } from "../list.ts";
import { type ListOptions, readListOptions } from "../options/list-options.ts";
import { parseWatchVersion } from "../options/resource-version.ts";
import { compileSelection, type Selection } from "../options/selection.ts";
import type { ServedResource } from "../resources/served-resource.ts";
import { bucketFor } from "./watch-hub.ts";
import { errorRecord, watchRecord } from "./watch-record.ts";

/** Watches over a socket end after half an hour to an hour, as upstream's; the client's informers take the next one. */
const shortestTimeoutMs = 30 * 60_000;

export async function watchObjects(context: RegistryContext, request: ResourceCall): Promise<WatchAnswer> {
  const { call, resource } = request;
  const options = readListOptions(call.request.query, true);
  const selection = compileSelection(resource, call.info.namespace, call.info.name, options);
  const asked = parseWatchVersion(options.resourceVersion);
  let initial: readonly Document[] = [];
  let after = asked;
  if (options.sendInitialEvents || asked === 0) {
    if (asked > 0) await checkReached(context, asked);
    const page = await readPage(context, resource, selection, latest);
    after = Number(page.metadata.resourceVersion);
    if (options.sendInitialEvents) initial = page.items;
  }
  const isOverSocket = call.connection !== undefined;
  const start: WatchStart = { selection, options, initial, after, isOverSocket };
  return { kind: "watch", status: 200, resource, open: (sink) => openWatch(context, resource, start, sink) };
}

const latest = { limit: 0, continue: "", resourceVersion: "", resourceVersionMatch: "" };

interface WatchStart {
  readonly selection: Selection;
  readonly options: ListOptions;
  readonly initial: readonly Document[];
  readonly after: number;
  readonly isOverSocket: boolean;
}

function openWatch(context: RegistryContext, resource: ServedResource, start: WatchStart, sink: WatchSink): () => void {
  const { options, selection, after } = start;
  const cleanups: (() => void)[] = [];
  let isOpen = true;
  const stop = () => {
    isOpen = false;
    for (const cleanup of cleanups.splice(0)) cleanup();
  };
  const finish = (last?: WatchRecord) => {
    if (!isOpen) return;
    stop();
    if (last) sink.push([last]);
    sink.end();
  };
  const pushBookmark = () => {
    if (isOpen) sink.push([bookmark(resource, context.store.revision)]);
  };

  pushInitial(resource, start, sink);
  try {
    const request = {
      after,
      bucket: bucketOf(resource, selection),
      ...(selection.matches && { matches: selection.matches }),
      push: (records: readonly WatchRecord[]) => isOpen && sink.push(records),
      end: (error: Error) => finish(error instanceof CompactedError ? expiredRecord(error, after) : undefined),
    };
    cleanups.push(resource.storage!.hub.watch(request));
  } catch (error) {
    if (!(error instanceof CompactedError)) throw error;
    finish(expiredRecord(error, after));
    return stop;
  }
  if (options.allowWatchBookmarks) cleanups.push(context.bookmarks.add(pushBookmark));
  const timeoutMs = timeoutOf(options, start.isOverSocket);
  if (timeoutMs !== undefined) {
    const end = () => {
      if (options.allowWatchBookmarks) pushBookmark();
      finish();
    };
    cleanups.push(context.clock.after(timeoutMs, end));
  }
  return stop;
}

function timeoutOf({ timeoutSeconds }: ListOptions, isOverSocket: boolean): number | undefined {
  if (timeoutSeconds) return timeoutSeconds * 1000;
  return isOverSocket ? shortestTimeoutMs * (1 + Math.random()) : undefined;
}

/** What there is, as ADDED events, and where it was asked for the bookmark that says that this was all. */
function pushInitial(resource: ServedResource, { initial, options, after }: WatchStart, sink: WatchSink): void {
  const records = initial.map((document) => watchRecord("ADDED", document));
  if (options.asksForInitialEvents && options.allowWatchBookmarks) {
    records.push(bookmark(resource, after, { "k8s.io/initial-events-end": "true" }));
  }
  if (records.length > 0) sink.push(records);
}

function bucketOf(resource: ServedResource, { namespace, name, partition }: Selection): string {
  const isOneObject = name !== undefined && (namespace !== "" || !resource.info.namespaced);
  return bucketFor({
    ...(namespace !== "" && { namespace }),
    ...(isOneObject && { name }),
    ...(partition !== undefined && partition !== "" && { partition }),
  });
}

function bookmark(resource: ServedResource, revision: number, annotations?: Record<string, string>): WatchRecord {
  const object: KubeObject = {
    kind: resource.info.kind,
    apiVersion: resource.apiVersion,
    metadata: { resourceVersion: String(revision), ...(annotations && { annotations }) },
  };
  return watchRecord("BOOKMARK", { object });
}

function expiredRecord({ oldest }: CompactedError, asked: number): WatchRecord {
  const error = expired(`too old resource version: ${asked} (${oldest})`);
  return errorRecord(error.toStatus() as Status);
}
