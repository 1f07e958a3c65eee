// Distribution "slipway": this project's own control plane and agent.

import { z } from "zod";

export const slipwayDistributionSchema = z
  .strictObject({
    type: z.literal("slipway"),
    etcd: z
      .boolean()
      .optional()
      .describe(
        "Whether control planes on machines of their own keep the data in an etcd that runs on them, so that there may be more of them later. Default: where there is more than one.",
      ),
  })
  .describe("This project's own control plane and agent.");
