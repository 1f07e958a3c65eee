// The provider "openstack": servers of an OpenStack cloud, made by OpenTofu. What is made lies in the files beside this one.

import type { CloudInfrastructure } from "#config";
import { type CloudInput, defineCloud } from "../tofu/cloud.ts";
import { openstackFirewall } from "./firewall.ts";
import { openstackIdentity } from "./identity.ts";
import { openstackLoadBalancer } from "./load-balancer.ts";
import { openstackMachines } from "./machine.ts";
import { openstackNetwork } from "./network.ts";
import { openstackOutputs } from "./outputs.ts";

export type OpenstackInput = CloudInput<Extract<CloudInfrastructure, { provider: "openstack" }>>;

export const openstack = defineCloud<OpenstackInput["infrastructure"]>({
  name: "openstack",
  title: "OpenStack",
  plugin: { name: "openstack", source: "terraform-provider-openstack/openstack", version: "3.4.0" },
  credentialsHint:
    "Source the cloud's openrc file, or name a cloud of clouds.yaml in infrastructure.cloud; `openstack token issue` shows whether it lets you in.",
  machine: {
    resource: "openstack_compute_instance_v2",
    user: "debian",
    replacedFor: ["zone", "diskGB"],
    // 65,535 bytes, of what is base64 by then.
    userData: { limitBytes: 49_151 },
  },
  settings: ({ infrastructure: { cloud, region } }) => ({
    ...(cloud !== undefined && { cloud }),
    ...(region !== undefined && { region }),
  }),
  parts: {
    network: openstackNetwork,
    firewall: openstackFirewall,
    "load-balancer": openstackLoadBalancer,
    identity: openstackIdentity,
    machines: openstackMachines,
    outputs: openstackOutputs,
  },
});
