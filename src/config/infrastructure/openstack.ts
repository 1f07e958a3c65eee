// Infrastructure "openstack": servers of an OpenStack cloud behind Octavia's load balancer, made by OpenTofu.

import { z } from "zod";
import { parseIp } from "../network.ts";
import {
  accessFields,
  controlPlaneField,
  networkField,
  noSpotFields,
  poolFields,
  title,
  typedMachines,
  word,
  type ZoneWords,
  zonesField,
} from "./machines.ts";

const machines = typedMachines("m1.large", /^[A-Za-z0-9][\w.:-]*$/);

const zones: ZoneWords = {
  entry: word(/^[A-Za-z0-9][\w.:-]*$/, "nova"),
  what: "Names of the availability zones",
};

export const openstackInfrastructureSchema = z
  .strictObject({
    provider: z.literal("openstack"),
    externalNetwork: title("public").describe("Name of the network that leads outside; public addresses come from it."),
    cloud: word(/^[\w.-]+$/, "mycloud")
      .optional()
      .describe("Name of the cloud in clouds.yaml. Default: what the OS_ environment variables say."),
    region: word(/^[\w.-]+$/, "RegionOne")
      .optional()
      .describe("The region. Default: the cloud's own."),
    image: title("debian-12").default("debian-12").describe("Name of the machines' image."),
    volumeType: title("ssd").optional().describe("Type of the machines' disks. Default: the cloud's own."),
    dnsServers: z
      .array(z.string().refine((text) => parseIp(text) !== undefined, 'must be an address such as "9.9.9.9"'))
      .default([])
      .describe("Name servers of the machines' network. Default: the cloud's own."),
    loadBalancer: z
      .enum(["octavia", "none"])
      .default("octavia")
      .describe("What stands in front of the API. none: controlPlane.virtualAddress does."),
    zones: zonesField(zones).default(["nova"]),
    controlPlane: controlPlaneField(machines, zones),
    ...poolFields(machines, noSpotFields, zones),
    network: networkField(),
    ...accessFields,
  })
  .describe("Servers, network and load balancer on OpenStack.");
