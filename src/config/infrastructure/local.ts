// Infrastructure "local": machines on this very machine, as network namespaces, or simulated nodes.

import { z } from "zod";

export const localInfrastructureSchema = z.strictObject({
  provider: z.literal("local"),
  simulated: z
    .boolean()
    .default(false)
    .describe("Simulated nodes instead of containers: no root, no Linux needed; pods only pretend to run."),
});
