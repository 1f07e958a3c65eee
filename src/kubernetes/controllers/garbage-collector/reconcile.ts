// The garbage collector: deletes objects whose owners are gone, and carries out foreground and orphaning deletions.

import { createController, done, type ReconcileContext, requeueAfter } from "#kubernetes/runtime";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { ResourceMonitors } from "../resource-monitors.ts";
import { AbsentOwners, attemptToDelete, attemptToOrphan, type CollectorParts } from "./collect.ts";
import { DependencyGraph } from "./dependency-graph.ts";
import { formatIdentity, identityOf, identityOfOwner, referenceOf } from "./identity.ts";
import { ObjectAccess } from "./object-access.ts";

/** Upstream's: after this long it begins although some resources cannot be watched. */
const longestSyncMs = 30_000;
const workers = 20;
const firstRetryMs = 5;
const mostRetryMs = 1_000_000;

export function createGarbageCollector(context: ControllerContext): ControllerProcess {
  const { client, clock, logger } = context;
  const abort = new AbortController();
  const { signal } = abort;
  const events = context.recorder("garbage-collector-controller");
  const absent = new AbsentOwners();
  const unseen = new Map<string, number>();

  const graph = new DependencyGraph({
    attemptToDelete: (uid) => deleter.queue.add(uid),
    attemptToOrphan: (uid) => orphaner.queue.add(uid),
    ownerAbsent: (identity) => absent.add(identity),
    ownerInOtherNamespace({ identity }, reference) {
      const owner = formatIdentity(identityOfOwner(reference, identity.namespace));
      const message = `ownerRef ${owner} does not exist in namespace "${identity.namespace}"`;
      events.warning(referenceOf(identity), "OwnerRefInvalidNamespace", message);
    },
  });

  const monitors = new ResourceMonitors({
    context,
    signal,
    onResource: (resource, informer) =>
      informer.addHandler({
        added: (object) => graph.observe(identityOf(resource, object), object.metadata),
        updated: (object, old) => graph.observe(identityOf(resource, object), object.metadata, old.metadata),
        deleted: (object) => graph.remove(identityOf(resource, object)),
      }),
  });

  const access = new ObjectAccess(client, (apiVersion, kind) => monitors.resourceOfKind(apiVersion, kind), signal);
  const parts: CollectorParts = { graph, access, absent, attemptToDelete: (uid) => deleter.queue.add(uid) };

  const deleter = createController({
    ...context,
    name: "garbage_collector_attempt_to_delete",
    watches: [],
    workers,
    async reconcile(uid: string) {
      if ((await attemptToDelete(uid, parts)) === "finished") {
        unseen.delete(uid);
        return done;
      }
      // An owner that came and went while a watch was down would never be told of: keep asking.
      const tries = unseen.get(uid) ?? 0;
      unseen.set(uid, tries + 1);
      return requeueAfter(Math.min(firstRetryMs * 2 ** tries, mostRetryMs));
    },
  });
  const orphaner = createController({
    ...context,
    name: "garbage_collector_attempt_to_orphan",
    watches: [],
    workers,
    async reconcile(uid: string, _: ReconcileContext) {
      await attemptToOrphan(uid, parts);
      return done;
    },
  });

  const begin = async (): Promise<void> => {
    const tooLong = Promise.withResolvers<void>();
    const cancel = clock.after(longestSyncMs, () => tooLong.resolve());
    await Promise.race([monitors.start(), tooLong.promise]).catch((error) => {
      if (!signal.aborted) logger.error({ err: error }, "garbage collector cannot watch all resources");
    });
    cancel();
    if (signal.aborted) return;
    deleter.start();
    orphaner.start();
  };
  let beginning: Promise<void> = Promise.resolve();

  return {
    start() {
      beginning = begin();
    },
    async stop() {
      abort.abort();
      monitors.end();
      await Promise.all([deleter.stop(), orphaner.stop()]);
      await beginning;
    },
  };
}
