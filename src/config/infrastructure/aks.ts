// Infrastructure "aks": a control plane that Microsoft runs, with node pools, made by OpenTofu.

import { z } from "zod";
import { azureFields, azureZones, azureZonesField } from "./azure.ts";
import { apiRangesSchema, networkField, poolFields, spotFields, typedMachines } from "./machines.ts";

/** What AKS calls a pool of that name: it takes at most 12 small letters and digits, a letter first. checkCloud sees to the rest. */
export function aksPoolName(name: string): string {
  return name.replaceAll(/[^a-z0-9]/g, "").slice(0, 12);
}

/** The name under which AKS makes other machines for the first pool before the old ones go. */
export const aksRotationName = "rotating";

export const aksInfrastructureSchema = z
  .strictObject({
    provider: z.literal("aks"),
    ...azureFields,
    tier: z.enum(["Free", "Standard", "Premium"]).default("Standard").describe("What Microsoft promises of the API."),
    zones: azureZonesField,
    ...poolFields(typedMachines("Standard_D2s_v5"), spotFields, azureZones),
    network: networkField(),
    access: z.strictObject({ api: apiRangesSchema }).prefault({}).describe("Who may reach the cluster."),
  })
  .describe("A control plane that Microsoft runs (AKS), with node pools.");
