// The infrastructures that OpenTofu makes: on some the control plane is ours, on others the cloud's.

import type { z } from "zod";
import { aksInfrastructureSchema } from "./aks.ts";
import { awsInfrastructureSchema } from "./aws.ts";
import { azureInfrastructureSchema } from "./azure.ts";
import { eksInfrastructureSchema } from "./eks.ts";
import { gcpInfrastructureSchema } from "./gcp.ts";
import { gkeInfrastructureSchema } from "./gke.ts";
import { openstackInfrastructureSchema } from "./openstack.ts";
import { vsphereInfrastructureSchema } from "./vsphere.ts";

const machineSchemas = [
  awsInfrastructureSchema,
  gcpInfrastructureSchema,
  azureInfrastructureSchema,
  openstackInfrastructureSchema,
  vsphereInfrastructureSchema,
] as const;
const managedSchemas = [eksInfrastructureSchema, gkeInfrastructureSchema, aksInfrastructureSchema] as const;

export const cloudInfrastructureSchemas = [...machineSchemas, ...managedSchemas] as const;

/** A cloud whose machines are ours, the control plane's too. */
export type MachineInfrastructure = z.output<(typeof machineSchemas)[number]>;
/** A cloud that runs the control plane, and makes nodes, itself. */
export type ManagedInfrastructure = z.output<(typeof managedSchemas)[number]>;
export type CloudInfrastructure = MachineInfrastructure | ManagedInfrastructure;

const namesOf = (schemas: readonly { readonly shape: { readonly provider: { readonly value: string } } }[]) =>
  new Set(schemas.map(({ shape }) => shape.provider.value));
const [cloudNames, managedNames] = [namesOf(cloudInfrastructureSchemas), namesOf(managedSchemas)];

export function isCloudInfrastructure(infrastructure: {
  readonly provider: string;
}): infrastructure is CloudInfrastructure {
  return cloudNames.has(infrastructure.provider);
}

export function isManagedInfrastructure(infrastructure: {
  readonly provider: string;
}): infrastructure is ManagedInfrastructure {
  return managedNames.has(infrastructure.provider);
}
