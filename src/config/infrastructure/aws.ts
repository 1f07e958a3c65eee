// Infrastructure "aws": machines of Amazon EC2 behind a network load balancer, made by OpenTofu.

import { z } from "zod";
import {
  accessFields,
  controlPlaneField,
  letterZones,
  letterZonesField,
  networkField,
  poolFields,
  regionSchema,
  spotFields,
  typedMachines,
} from "./machines.ts";

const machines = typedMachines("t3.large");

export const awsInfrastructureSchema = z
  .strictObject({
    provider: z.literal("aws"),
    region: regionSchema("eu-central-1"),
    image: z
      .string()
      .regex(/^ami-[0-9a-f]+$/, "must be such as ami-0123456789abcdef0")
      .optional()
      .describe("Image of the machines. Default: the newest Debian 12."),
    zones: letterZonesField,
    controlPlane: controlPlaneField(machines, letterZones),
    ...poolFields(machines, spotFields, letterZones),
    network: networkField(),
    ...accessFields,
  })
  .describe("Machines, network and load balancer on Amazon Web Services.");
