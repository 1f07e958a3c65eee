// Infrastructure "aws": machines of Amazon EC2 behind a network load balancer, made by OpenTofu.

import { z } from "zod";
import { cloudFields, regionSchema } from "./machines.ts";

export const awsInfrastructureSchema = z
  .strictObject({
    provider: z.literal("aws"),
    region: regionSchema("eu-central-1"),
    image: z
      .string()
      .regex(/^ami-[0-9a-f]+$/, "must be such as ami-0123456789abcdef0")
      .optional()
      .describe("Image of the machines. Default: the newest Debian 12."),
    ...cloudFields({ machineType: "t3.large" }),
  })
  .describe("Machines, network and load balancer on Amazon Web Services.");
