// Infrastructure "local": machines on this very machine, as network namespaces, or simulated nodes.

import { z } from "zod";

/** Only what tells it apart; the control plane looks at the rest. */
const stage = z.looseObject({
  apiVersion: z.literal("kwok.x-k8s.io/v1alpha1"),
  kind: z.literal("Stage"),
  metadata: z.looseObject({ name: z.string().min(1) }),
  spec: z.looseObject({ resourceRef: z.looseObject({ kind: z.string() }) }),
});

export const localInfrastructureSchema = z
  .strictObject({
    provider: z.literal("local"),
    simulated: z
      .boolean()
      .default(false)
      .describe("Simulated nodes instead of containers: no root, no Linux needed; pods only pretend to run."),
    stages: z
      .array(stage)
      .optional()
      .describe("KWOK's Stage objects, by which simulated nodes and pods live. Default: pods run at once."),
  })
  .describe("This very machine: containers in network namespaces, or simulated nodes.");
