// The clusters that each cloud's files are made of: one control plane; three, pools and guarded access; nothing public; and what a
// cloud has of its own.

import type { resolveConfig } from "#config";

type Input = NonNullable<Parameters<typeof resolveConfig>[0]>;

export interface CloudScenes {
  /** OpenTofu's provider, whose schemas the files are checked by. */
  readonly plugin: string;
  readonly scenes: Readonly<Record<string, Input>>;
}

const sshPublicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample me@home";
const guarded = { api: ["203.0.113.0/24"], ssh: ["203.0.113.7/32"] };
const small: Input = { name: "demo", workers: [{ count: 2 }] };
const threeAndPools: Input = {
  name: "harbour",
  controlPlane: { replicas: 3 },
  workers: [
    { name: "worker", count: 3 },
    { name: "batch", count: 2, labels: { tier: "batch" }, taints: [{ key: "batch", effect: "NoSchedule" }] },
  ],
};
const three: Input = { name: "vault", controlPlane: { replicas: 3 }, workers: [{ count: 3 }] };

/** The same cluster on any cloud: `own` is what that one must be told. */
function usualScenes<T extends object>(own: T, zones: readonly [string, string]) {
  return {
    small: { ...small, infrastructure: own },
    large: {
      ...threeAndPools,
      infrastructure: {
        ...own,
        workers: { diskGB: 100 },
        pools: { batch: { spot: true, zones: [zones[1]] } },
        access: guarded,
        sshPublicKey,
      },
    },
    private: {
      ...three,
      infrastructure: { ...own, zones: [...zones], network: { cidr: "10.20.0.0/20", private: true } },
    },
  };
}

/** The same where the cloud runs the control plane. */
function managedScenes<T extends object>(own: T, zones: readonly [string, string]) {
  return {
    small: { ...small, infrastructure: own },
    large: {
      ...threeAndPools,
      controlPlane: {},
      kubernetesVersion: "1.33",
      infrastructure: {
        ...own,
        workers: { diskGB: 100 },
        pools: { batch: { spot: true, zones: [zones[1]] } },
        access: { api: guarded.api },
      },
    },
    private: {
      name: "vault",
      workers: [{ count: 4 }],
      infrastructure: { ...own, zones: [...zones], network: { cidr: "10.20.0.0/20", private: true } },
    },
  };
}

const openstack = { provider: "openstack", externalNetwork: "public", zones: ["nova", "east"] } as const;
const vsphere = {
  provider: "vsphere",
  server: "vcenter.example.org",
  datacenter: "Hamburg",
  datastore: "fast 1",
  template: "templates/debian-12",
  zones: ["Cluster 1", "Cluster 2"],
  network: { name: "VM Network", cidr: "10.20.0.0/24" },
} as const;

export const cloudScenes: Readonly<Record<string, CloudScenes>> = {
  aws: { plugin: "aws", scenes: usualScenes({ provider: "aws", region: "eu-central-1" } as const, ["a", "b"]) },
  gcp: {
    plugin: "google",
    scenes: usualScenes({ provider: "gcp", project: "harbour-1", region: "europe-west3" } as const, ["a", "b"]),
  },
  azure: {
    plugin: "azurerm",
    scenes: usualScenes({ provider: "azure", region: "germanywestcentral", sshPublicKey } as const, ["1", "2"]),
  },
  openstack: {
    plugin: "openstack",
    scenes: {
      small: { ...small, infrastructure: { ...openstack, zones: ["nova"] } },
      large: {
        ...threeAndPools,
        infrastructure: {
          ...openstack,
          zones: [...openstack.zones],
          volumeType: "ssd",
          dnsServers: ["9.9.9.9"],
          pools: { batch: { type: "m1.xlarge", zones: ["east"] } },
          access: guarded,
          sshPublicKey,
        },
      },
      private: {
        ...three,
        infrastructure: { ...openstack, zones: ["nova"], network: { cidr: "10.20.0.0/20", private: true } },
      },
      "virtual-address": {
        ...three,
        controlPlane: { replicas: 3, virtualAddress: "10.100.0.10" },
        infrastructure: { ...openstack, zones: ["nova"], loadBalancer: "none" },
      },
    },
  },
  vsphere: {
    plugin: "vsphere",
    scenes: {
      small: { ...small, infrastructure: { ...vsphere, zones: ["Cluster 1"] } },
      large: {
        ...threeAndPools,
        controlPlane: { replicas: 3, virtualAddress: "10.20.0.10" },
        infrastructure: {
          ...vsphere,
          zones: [...vsphere.zones],
          resourcePool: "Kubernetes",
          folder: "slipway",
          pools: { batch: { cpus: 8, memoryGB: 32, zones: ["Cluster 2"] } },
          access: guarded,
          sshPublicKey,
        },
      },
    },
  },
  eks: { plugin: "aws", scenes: managedScenes({ provider: "eks", region: "eu-central-1" } as const, ["a", "b"]) },
  gke: {
    plugin: "google",
    scenes: managedScenes({ provider: "gke", project: "harbour-1", region: "europe-west3" } as const, ["a", "b"]),
  },
  aks: {
    plugin: "azurerm",
    scenes: managedScenes({ provider: "aks", region: "germanywestcentral" } as const, ["1", "2"]),
  },
};
