// Distribution "slipway": this project's own control plane and agent.

import { z } from "zod";

export const slipwayDistributionSchema = z
  .strictObject({
    type: z.literal("slipway"),
  })
  .describe("This project's own control plane and agent.");
