// What speaks to clouds: CSI drivers (disks) and cloud controllers (load balancers, nodes' addresses). Upstreams' own manifests and
// charts. Credentials are those of the machines' identities; where a cloud has none, a Secret that the person makes.

import { type Addon, defineAddon } from "../addon.ts";
import { editContainer, editObject } from "./edit-objects.ts";
import { refuseOtherClouds } from "./refuse.ts";
import { releasesOf } from "./releases.ts";

interface CloudAddon {
  readonly name: string;
  readonly description: string;
  readonly providers: readonly string[];
  readonly namespace?: string;
}

const plain: readonly CloudAddon[] = [
  { name: "aws-ebs-csi", description: "volumes on AWS' disks (needs Helm on this machine)", providers: ["aws"] },
  {
    name: "azure-disk-csi",
    description: "volumes on Azure's disks (needs Helm on this machine)",
    providers: ["azure"],
  },
  {
    name: "azure-cloud-controller",
    description: "load balancers and nodes' addresses on Azure (needs Helm on this machine)",
    providers: ["azure"],
  },
  {
    name: "vsphere-csi",
    description: "volumes on vSphere's datastores",
    providers: ["vsphere"],
    namespace: "vmware-system-csi",
  },
  { name: "vsphere-cloud-controller", description: "nodes' addresses on vSphere", providers: ["vsphere"] },
  { name: "openstack-cinder-csi", description: "volumes on OpenStack's Cinder", providers: ["openstack"] },
  {
    name: "openstack-cloud-controller",
    description: "load balancers and nodes' addresses on OpenStack",
    providers: ["openstack"],
  },
];

const awsCloudController = defineAddon({
  name: "aws-cloud-controller",
  description: "load balancers and nodes' addresses on AWS",
  releases: releasesOf("aws-cloud-controller"),
  namespace: "kube-system",
  refuse: refuseOtherClouds("aws-cloud-controller", ["aws"]),
  build(_input, { published, release }) {
    // Upstream's example names an old image beside every release.
    return editObject(published, "DaemonSet", "aws-cloud-controller-manager", (object) => {
      editContainer(object, "aws-cloud-controller-manager", (container) => {
        container.image = `registry.k8s.io/provider-aws/cloud-controller-manager:v${release?.version}`;
      });
    });
  },
});

export const cloudAddons: readonly Addon[] = [
  awsCloudController,
  ...plain.map(({ name, description, providers, namespace = "kube-system" }) =>
    defineAddon({
      name,
      description,
      releases: releasesOf(name),
      namespace,
      refuse: refuseOtherClouds(name, providers),
    }),
  ),
];
