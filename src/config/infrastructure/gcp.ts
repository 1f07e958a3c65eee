// Infrastructure "gcp": machines of Google Compute Engine behind a passthrough load balancer, made by OpenTofu.

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

const machines = typedMachines("e2-standard-2");

export const projectSchema = z
  .string()
  .regex(/^[a-z][-a-z0-9]{4,28}[a-z0-9]$/, "must be the id of a project such as my-project-123456")
  .describe("Id of the project that everything is made in.");

export const gcpInfrastructureSchema = z
  .strictObject({
    provider: z.literal("gcp"),
    project: projectSchema,
    region: regionSchema("europe-west3"),
    image: z
      .string()
      .regex(/^[a-z0-9][a-z0-9._/-]*$/, "must be such as debian-cloud/debian-12")
      .default("debian-cloud/debian-12")
      .describe("Image of the machines, or a family of images."),
    zones: letterZonesField,
    controlPlane: controlPlaneField(machines, letterZones),
    ...poolFields(machines, spotFields, letterZones),
    network: networkField(),
    ...accessFields,
  })
  .describe("Machines, network and load balancer on Google Cloud.");
