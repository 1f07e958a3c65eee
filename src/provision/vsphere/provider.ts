// The provider "vsphere": virtual machines cloned from a template, made by OpenTofu. What is made lies in the files beside this one.

import type { CloudInfrastructure } from "#config";
import { type CloudInput, defineCloud } from "../tofu/cloud.ts";
import { vsphereFirewall } from "./firewall.ts";
import { vsphereIdentity } from "./identity.ts";
import { vsphereLoadBalancer } from "./load-balancer.ts";
import { vsphereMachines } from "./machine.ts";
import { vsphereNetwork } from "./network.ts";
import { vsphereOutputs } from "./outputs.ts";

export type VsphereInput = CloudInput<Extract<CloudInfrastructure, { provider: "vsphere" }>>;

export const vsphere = defineCloud<VsphereInput["infrastructure"]>({
  name: "vsphere",
  title: "vSphere",
  plugin: { name: "vsphere", source: "vmware/vsphere", version: "2.16.1" },
  credentialsHint: "Set VSPHERE_USER and VSPHERE_PASSWORD to an account of vCenter's.",
  machine: {
    resource: "vsphere_virtual_machine",
    user: "debian",
    replacedFor: [],
    // 64 KiB, of what is base64 by then.
    userData: { limitBytes: 49_152, isPacked: true },
  },
  settings: ({ infrastructure: { server, allowUnverifiedTls } }) => ({
    vsphere_server: server,
    allow_unverified_ssl: allowUnverifiedTls,
  }),
  parts: {
    network: vsphereNetwork,
    firewall: vsphereFirewall,
    "load-balancer": vsphereLoadBalancer,
    identity: vsphereIdentity,
    machines: vsphereMachines,
    outputs: vsphereOutputs,
  },
});
