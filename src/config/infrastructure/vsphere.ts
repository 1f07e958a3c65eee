// Infrastructure "vsphere": virtual machines cloned from a template on VMware vSphere, made by OpenTofu.

import { z } from "zod";
import {
  accessFields,
  controlPlaneField,
  noSpotFields,
  poolFields,
  rangeSchema,
  sizedMachines,
  title,
  word,
  type ZoneWords,
  zonesField,
} from "./machines.ts";

const machines = sizedMachines();
const zones: ZoneWords = { entry: title("Cluster 1"), what: "Names of the compute clusters" };

export const vsphereInfrastructureSchema = z
  .strictObject({
    provider: z.literal("vsphere"),
    server: word(/^[A-Za-z0-9.-]+$/, "vcenter.example.org").describe("Where vCenter answers."),
    datacenter: title("Datacenter").describe("Name of the datacenter."),
    datastore: title("datastore1").describe("Name of the datastore that disks lie in."),
    template: title("debian-12").describe(
      "Path of the virtual machine or template that machines are cloned from; it has cloud-init and open-vm-tools.",
    ),
    resourcePool: title("Production")
      .optional()
      .describe("Name of the resource pool below each compute cluster's own. Default: that one itself."),
    folder: title("kubernetes").optional().describe("Folder the cluster's own is made in. Default: the datacenter's."),
    allowUnverifiedTls: z.boolean().default(false).describe("Whether vCenter's certificate is taken as it is."),
    zones: zonesField(zones),
    controlPlane: controlPlaneField(machines, zones),
    ...poolFields(machines, noSpotFields, zones),
    network: z
      .strictObject({
        name: title("VM Network").describe("Name of the network (port group) that machines are on; it has DHCP."),
        cidr: rangeSchema(8, 28).describe("The addresses machines get there."),
      })
      .describe("The network the machines lie in."),
    ...accessFields,
  })
  .describe("Virtual machines on VMware vSphere.");
