// What the cluster may do on vSphere: machines have no identity there. A role is made with just what the disk driver and the cloud
// controller need; who runs vCenter gives it to an account of theirs.

import { document } from "../tofu/cloud.ts";
import type { TofuDocument } from "../tofu/document.ts";
import type { VsphereInput } from "./provider.ts";

/** What the vSphere CSI driver's documentation asks for; the cloud controller only reads. */
const privileges = [
  "Cns.Searchable",
  "Datastore.FileManagement",
  "Host.Config.Storage",
  "StorageProfile.View",
  "VirtualMachine.Config.AddExistingDisk",
  "VirtualMachine.Config.AddRemoveDevice",
];

export function vsphereIdentity({ cluster }: VsphereInput): TofuDocument {
  return document("What the disk driver's account may do: give it this role on the datacenter.", {
    resource: { vsphere_role: { kubernetes: { name: `${cluster}-kubernetes`, role_privileges: privileges } } },
  });
}
