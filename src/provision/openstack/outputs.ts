// What OpenStack tells phase 2: the machines' addresses, where the API answers, and what cloud controllers log in with.

import { document } from "../tofu/cloud.ts";
import type { TofuDocument } from "../tofu/document.ts";
import type { OpenstackInput } from "./provider.ts";

export function openstackOutputs({ infrastructure, apiPort }: OpenstackInput): TofuDocument {
  const { network, loadBalancer } = infrastructure;
  const inside =
    loadBalancer === "none"
      ? "openstack_networking_port_v2.api.all_fixed_ips[0]"
      : "openstack_lb_loadbalancer_v2.api.vip_address";
  const outside = network.private ? inside : "openstack_networking_floatingip_v2.api.address";
  const publicAddress = network.private ? '""' : "openstack_networking_floatingip_v2.machine[name].address";
  const machine = `{ id = machine.id, zone = machine.availability_zone, private_address = openstack_networking_port_v2.machine[name].all_fixed_ips[0], public_address = ${publicAddress} }`;
  const credential = "openstack_identity_application_credential_v3.cluster";
  return document("What the next phase needs: addresses of the machines and of the API.", {
    output: {
      machines: { value: `\${{ for name, machine in openstack_compute_instance_v2.machine : name => ${machine} }}` },
      machine_cidr: { value: "${openstack_networking_subnet_v2.machines.cidr}" },
      api_endpoint: { value: `https://\${${outside}}:${apiPort}` },
      machine_api_endpoint: { value: `https://\${${inside}}:${apiPort}` },
      cloud_credential: { value: `\${{ id = ${credential}.id, secret = ${credential}.secret }}`, sensitive: true },
    },
  });
}
