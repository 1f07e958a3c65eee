// Infrastructure "azure": virtual machines of Azure behind a standard load balancer, made by OpenTofu.

import { z } from "zod";
import {
  accessFields,
  controlPlaneField,
  networkField,
  poolFields,
  spotFields,
  typedMachines,
  word,
  type ZoneWords,
  zonesField,
} from "./machines.ts";

const machines = typedMachines("Standard_D2s_v5");

export const azureZones: ZoneWords = {
  entry: z.string().regex(/^[1-3]$/, "must be the number of a zone"),
  what: "Numbers of the region's zones, as texts,",
};
export const azureZonesField = zonesField(azureZones).default(["1", "2", "3"]);

export const azureFields = {
  region: word(/^[a-z][a-z0-9]+$/, "germanywestcentral").describe("The region, such as germanywestcentral."),
  subscription: z
    .string()
    .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, "must be the id of a subscription")
    .optional()
    .describe("Id of the subscription that everything is made in. Default: what ARM_SUBSCRIPTION_ID says."),
};

export const azureInfrastructureSchema = z
  .strictObject({
    provider: z.literal("azure"),
    ...azureFields,
    image: word(/^[\w-]+:[\w-]+:[\w.-]+:[\w.-]+$/, "Debian:debian-12:12-gen2:latest")
      .default("Debian:debian-12:12-gen2:latest")
      .describe("Image of the machines: publisher, offer, SKU and version."),
    zones: azureZonesField,
    controlPlane: controlPlaneField(machines, azureZones),
    ...poolFields(machines, spotFields, azureZones),
    network: networkField(),
    ...accessFields,
  })
  .describe("Machines, network and load balancer on Azure.");
