// ResourceSlices by node and by pool.

import { type ResourceSlice, resources } from "#kubernetes/api";
import type { InformerSet } from "#kubernetes/client";
import { poolIdOf, type SliceSource } from "./pools.ts";

export function createSliceSource(informers: InformerSet): SliceSource {
  const informer = informers.informer(resources.resourceSlices);
  informer.addIndex("nodeName", nodeNameOf);
  informer.addIndex("pool", poolNameOf);
  return {
    ofNode: (nodeName) => informer.byIndex("nodeName", nodeName),
    shared: () => informer.byIndex("nodeName", ""),
    ofPool: (poolId) => informer.byIndex("pool", poolId),
  };
}

function nodeNameOf({ spec }: ResourceSlice): string[] {
  return [spec.nodeName ?? ""];
}

function poolNameOf(slice: ResourceSlice): string[] {
  return [poolIdOf(slice)];
}
