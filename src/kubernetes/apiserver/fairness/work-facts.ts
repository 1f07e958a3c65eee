// What is known of resources when the work of requests is estimated: how many objects there are, how large they have been in the lists
// that were answered, and how many watch them.

import type { Answer, Call } from "../call.ts";
import type { ResourceTable } from "../registry/resources/resource-table.ts";
import type { ServedResource } from "../registry/resources/served-resource.ts";
import type { WorkFacts } from "./work-estimate.ts";

/** Of a resource nobody has listed yet. */
const assumedBytes = 2000;
/** So many objects of a list tell how large they are. */
const sampleSize = 20;

export interface ResourceFacts {
  of(call: Call): Omit<WorkFacts, "mostSeats">;
  /** Learns from what was answered. */
  observe(answer: Answer): void;
}

export function createResourceFacts(table: ResourceTable): ResourceFacts {
  const averages = new WeakMap<object, number>();
  const resourceOf = ({ info }: Call): ServedResource | undefined =>
    info.isResourceRequest ? table.find(info.apiGroup, info.apiVersion, info.resource) : undefined;
  return {
    of: (call) => ({
      stored() {
        const storage = resourceOf(call)?.storage;
        if (!storage) return undefined;
        const { collection } = storage;
        return { count: collection.count(), averageBytes: averages.get(collection) ?? assumedBytes };
      },
      watchers() {
        const resource = resourceOf(call);
        const { namespace, name } = call.info;
        return resource?.storage?.hub.countWatchers(resource.info.namespaced ? namespace : undefined, name) ?? 0;
      },
    }),
    observe(answer) {
      if (answer.kind !== "list" || answer.items.length === 0) return;
      const collection = answer.resource.storage?.collection;
      const sizes = answer.items.slice(0, sampleSize).flatMap(({ bytes }) => (bytes ? [bytes.length] : []));
      if (!collection || sizes.length === 0) return;
      averages.set(collection, Math.ceil(sizes.reduce((sum, size) => sum + size, 0) / sizes.length));
    },
  };
}
