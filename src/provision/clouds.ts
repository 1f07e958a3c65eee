// The clouds there are, and the one that a configuration asks for.

import type { ClusterConfig } from "#config";
import { aks } from "./aks/provider.ts";
import { aws } from "./aws/provider.ts";
import { azure } from "./azure/provider.ts";
import { eks } from "./eks/provider.ts";
import { gcp } from "./gcp/provider.ts";
import { gke } from "./gke/provider.ts";
import { openstack } from "./openstack/provider.ts";
import type { Cloud } from "./tofu/cloud.ts";
import { vsphere } from "./vsphere/provider.ts";

export const clouds: readonly Cloud[] = [aws, gcp, azure, openstack, vsphere, eks, gke, aks];

/** Undefined where the machines are not a cloud's. */
export function findCloud({ infrastructure }: ClusterConfig): Cloud | undefined {
  return clouds.find(({ name }) => name === infrastructure.provider);
}
