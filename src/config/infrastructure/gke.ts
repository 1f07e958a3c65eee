// Infrastructure "gke": a control plane that Google runs, with node pools, made by OpenTofu.

import { z } from "zod";
import { projectSchema } from "./gcp.ts";
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

export const gkeInfrastructureSchema = z
  .strictObject({
    provider: z.literal("gke"),
    project: projectSchema,
    region: regionSchema("europe-west3"),
    channel: z
      .enum(["RAPID", "REGULAR", "STABLE", "EXTENDED"])
      .default("REGULAR")
      .describe("Release channel: how early versions come."),
    zones: letterZonesField,
    ...poolFields(typedMachines("e2-standard-2"), spotFields, letterZones),
    network: networkField(),
    access: z.strictObject({ api: apiRangesSchema }).prefault({}).describe("Who may reach the cluster."),
  })
  .describe("A control plane that Google runs (GKE), with node pools.");
