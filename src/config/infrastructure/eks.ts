// Infrastructure "eks": a control plane that Amazon runs, with node groups, made by OpenTofu.

import { z } from "zod";
import {
  apiRangesSchema,
  letterZones,
  letterZonesField,
  networkField,
  poolFields,
  regionSchema,
  spotFields,
  typedMachines,
} from "./machines.ts";

export const eksInfrastructureSchema = z
  .strictObject({
    provider: z.literal("eks"),
    region: regionSchema("eu-central-1"),
    zones: letterZonesField,
    ...poolFields(typedMachines("t3.large"), spotFields, letterZones),
    network: networkField(),
    access: z.strictObject({ api: apiRangesSchema }).prefault({}).describe("Who may reach the cluster."),
  })
  .describe("A control plane that Amazon runs (EKS), with node groups.");
