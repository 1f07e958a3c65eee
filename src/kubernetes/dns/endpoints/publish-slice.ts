// Keeps this node's slice of the DNS service as it should be: made when the node is there, made again when somebody deletes it.

import { resources } from "#kubernetes/api";
import type { Client, InformerSet } from "#kubernetes/client";
import { type Controller, createController, done, watchKeys } from "#kubernetes/runtime";
import type { Clock, Logger } from "#shared";
import { isSameSlice, type NodeEndpoint, planSlice, sliceName } from "./plan-slice.ts";

export interface SlicePublisherOptions {
  readonly nodeName: string;
  readonly endpoint: NodeEndpoint;
  readonly client: Client;
  readonly informers: InformerSet;
  readonly clock: Clock;
  readonly logger: Logger;
}

const key = "endpoint";
const fieldManager = "slipway-dns";

export function createSlicePublisher(options: SlicePublisherOptions): Controller {
  const { nodeName, endpoint, client, informers, clock, logger } = options;
  const nodes = informers.informer(resources.nodes, { fieldSelector: `metadata.name=${nodeName}` });
  const slices = informers.informer(resources.endpointSlices);
  const own = { namespace: endpoint.service.namespace, name: sliceName(endpoint, nodeName) };
  return createController({
    name: "dns-endpoint",
    watches: [
      watchKeys(nodes, () => [key]),
      watchKeys(slices, ({ metadata }) =>
        metadata.name === own.name && metadata.namespace === own.namespace ? [key] : [],
      ),
    ],
    workers: 1,
    clock,
    logger,
    async reconcile(_, { signal }) {
      const node = nodes.get({ name: nodeName });
      if (!node) return done;
      const wanted = planSlice(endpoint, node);
      if (isSameSlice(slices.get(own), wanted)) return done;
      await client.patch(
        resources.endpointSlices,
        own,
        { type: "apply", body: wanted, force: true },
        { fieldManager, signal },
      );
      return done;
    },
  });
}
