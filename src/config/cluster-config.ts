// The cluster configuration, apiVersion slipway.dev/v1alpha1: every field with its check, its default and its description. What no
// single field can tell (ranges that overlap, names that repeat) is in check-config.ts. Each provider and each distribution adds
// its options in a file of its own.

import { z } from "zod";
import { addonSchema } from "./addon-config.ts";
import { bootstrapSchema } from "./bootstrap-config.ts";
import { k3sDistributionSchema } from "./distribution/k3s.ts";
import { kubeadmDistributionSchema } from "./distribution/kubeadm.ts";
import { slipwayDistributionSchema } from "./distribution/slipway.ts";
import { cloudInfrastructureSchemas } from "./infrastructure/clouds.ts";
import { localInfrastructureSchema } from "./infrastructure/local.ts";
import { nspawnInfrastructureSchema } from "./infrastructure/nspawn.ts";
import { sshInfrastructureSchema } from "./infrastructure/ssh.ts";
import { labelKeySchema, labelValueSchema } from "./label-syntax.ts";
import { parseCidr, parseIp } from "./network.ts";

export const configApiVersion = "slipway.dev/v1alpha1";
export const defaultClusterName = "dev";

const dnsLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const quantity = /^[0-9]+(\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi|T|Ti|P|Pi)?$/;

const name = (longest: number) =>
  z
    .string()
    .max(longest)
    .regex(dnsLabel, "must consist of lower case letters, digits and '-', and start and end with a letter or digit");

const cidr = z
  .string()
  .refine((text) => parseCidr(text) !== undefined, 'must be an IPv4 range such as "10.244.0.0/16"');

const labels = z.record(labelKeySchema, labelValueSchema).describe("Labels of the nodes.");

const taint = z.strictObject({
  key: labelKeySchema,
  value: labelValueSchema.default(""),
  effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]),
});

const amount = z
  .union([z.string(), z.number()])
  .transform(String)
  .pipe(z.string().regex(quantity, "must be a quantity such as 500m or 4Gi"));

const capacity = z
  .strictObject({
    cpu: amount.optional().describe('Such as 4 or "500m". Default: what the machine has.'),
    memory: amount.optional().describe('Such as "8Gi". Default: what the machine has.'),
    pods: z.int().min(1).max(1000).optional().describe("How many pods a node takes. Default: 110."),
  })
  .describe("What each node offers to pods.");

const nodeFields = {
  labels: labels.default({}),
  taints: z.array(taint).optional().describe("Taints of the nodes."),
  capacity: capacity.default({}),
};

const absolutePath = z.string().regex(/^\//, "must be an absolute path");

const apiServerSchema = z
  .strictObject({
    encryptionProviderConfig: absolutePath
      .optional()
      .describe(
        "File with upstream's EncryptionConfiguration: which resources are encrypted at rest, by which keys or KMS plug-ins (version 2; their sockets must be on the control planes).",
      ),
    authenticationConfig: absolutePath
      .optional()
      .describe("File with upstream's AuthenticationConfiguration: tokens of outside issuers (OIDC)."),
    authenticationTokenWebhookConfig: absolutePath
      .optional()
      .describe("Kubeconfig of a webhook that is asked about bearer tokens (TokenReview)."),
    authorizationConfig: absolutePath
      .optional()
      .describe(
        "File with upstream's AuthorizationConfiguration: who is asked whether a request is allowed, webhooks included.",
      ),
    auditPolicy: absolutePath
      .optional()
      .describe(
        "File with upstream's audit Policy. What it wants written down lies in logs/audit.log of the cluster's folder.",
      ),
  })
  .describe("Files the API server reads when it starts.");

const etcdSchema = z
  .strictObject({
    endpoints: z
      .array(z.string().regex(/^https?:\/\/[^/]+:\d+$/, "must be such as https://10.0.0.5:2379"))
      .min(1)
      .describe("Where etcd answers."),
    caFile: absolutePath.optional().describe("The authority of etcd's certificates, PEM."),
    certFile: absolutePath.optional().describe("The API server's certificate for etcd, PEM."),
    keyFile: absolutePath.optional().describe("Its key, PEM."),
  })
  .describe(
    "An etcd cluster that keeps the data, in upstream's layout. Default: a store of its own on this machine's disk.",
  );

const snapshotsSchema = z
  .strictObject({
    every: z
      .string()
      .regex(/^[1-9]\d*(m|h|d)$/, 'must be such as "30m", "6h" or "1d"')
      .default("6h")
      .describe('How often, such as "30m", "6h" or "1d".'),
    keep: z.int().min(1).max(1000).default(8).describe("How many of them are kept: the newest."),
    folder: absolutePath
      .optional()
      .describe("Where they go, on the control plane. Default: snapshots/ in the cluster's folder."),
  })
  .describe("Saves the data to files, again and again. Default: it is saved only on demand.");

const controlPlaneSchema = z.strictObject({
  replicas: z.int().min(1).max(7).default(1).describe("How many control plane machines."),
  endpoint: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?(:[1-9]\d{0,4})?$/, 'must be such as "api.example.org" or "10.0.0.10:6443"')
    .optional()
    .describe(
      "Where machines and people reach the API: the name or address, and the port, of a load balancer of your own. Default: what the provider has, the virtual address, or the only control plane.",
    ),
  virtualAddress: z
    .string()
    .refine((text) => parseIp(text) !== undefined, 'must be an IPv4 address such as "10.0.0.10"')
    .optional()
    .describe(
      "A free address of the machines' network that one of the control planes always has (keepalived): the API's, where there is no load balancer.",
    ),
  controllers: z
    .array(z.string().min(1))
    .default(["*"])
    .describe(
      'Which controllers run, as in upstream\'s --controllers: "*" all, "name" this one, "-name" not this one.',
    ),
  scheduler: z.boolean().default(true).describe("Whether the scheduler runs."),
  apiServer: apiServerSchema.default({}),
  etcd: etcdSchema.optional(),
  snapshots: snapshotsSchema.optional(),
  ...nodeFields,
});

const workerPoolSchema = z.strictObject({
  name: name(20).default("worker").describe("Name of the pool; its nodes are <cluster>-<pool>-1, -2, …"),
  count: z.int().min(0).max(10_000).default(1).describe("How many machines."),
  ...nodeFields,
});

export const defaultPodCIDR = "10.244.0.0/16";
/** Room for thousands of nodes; nothing is behind simulated pods' addresses, so they may be anybody's. */
export const simulatedPodCIDR = "100.64.0.0/10";

const networkSchema = z.strictObject({
  podCIDR: cidr
    .default(defaultPodCIDR)
    .describe(`Pods' addresses. Each node takes a part of it. Default where nodes are simulated: ${simulatedPodCIDR}.`),
  nodeMaskSize: z
    .int()
    .min(16)
    .max(30)
    .optional()
    .describe("Prefix length of a node's part. Default: 24, or as many nodes need."),
  serviceCIDR: cidr.default("10.96.0.0/16").describe("Services' addresses; the first is the API, the tenth DNS."),
  dnsDomain: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'must be a domain such as "cluster.local"')
    .default("cluster.local")
    .describe("Domain of services' and pods' names."),
  apiServerPort: z.int().min(0).max(65535).default(0).describe("Port of the API server. 0: any free one."),
  plugin: z
    .enum(["slipway", "flannel", "calico", "cilium", "none"])
    .default("slipway")
    .describe("The pod network: ours, or an add-on of that name. none: bring your own; nodes wait for it."),
  proxy: z.enum(["nftables", "none"]).default("nftables").describe("The service proxy on each node."),
});

const imagesSchema = z.strictObject({
  mirrors: z
    .record(z.string().min(1), z.array(z.url({ protocol: /^https?$/ })).min(1))
    .default({})
    .describe(
      "Where images are fetched instead of their registries, in order of preference: by registry, such as registry.k8s.io.",
    ),
});

/** Room for more: one file per provider in infrastructure/, named here. */
const infrastructureSchema = z.discriminatedUnion("provider", [
  localInfrastructureSchema,
  sshInfrastructureSchema,
  nspawnInfrastructureSchema,
  ...cloudInfrastructureSchemas,
]);
/** Room for more: one file per distribution in distribution/, named here. */
const distributionSchema = z.discriminatedUnion("type", [
  slipwayDistributionSchema,
  kubeadmDistributionSchema,
  k3sDistributionSchema,
]);

export const clusterConfigSchema = z
  .strictObject({
    apiVersion: z.literal(configApiVersion),
    kind: z.literal("Cluster"),
    name: name(32)
      .default(defaultClusterName)
      .describe("Name of the cluster; the kubeconfig context is slipway-<name>."),
    kubernetesVersion: z
      .string()
      .regex(/^v?1\.\d+(\.\d+)?$/, 'must be a version such as "1.36"')
      .optional()
      .describe("Version of Kubernetes. Default: the newest the distribution has."),
    distribution: distributionSchema.prefault({ type: "slipway" }).describe("What runs on the machines."),
    infrastructure: infrastructureSchema.prefault({ provider: "local" }).describe("Where the machines come from."),
    bootstrap: bootstrapSchema.prefault({}).describe("How machines become nodes."),
    controlPlane: controlPlaneSchema.prefault({}).describe("The control plane."),
    workers: z
      .array(workerPoolSchema)
      .prefault([{ count: 2 }])
      .describe("Pools of equal worker nodes."),
    network: networkSchema.prefault({}).describe("Addresses and names."),
    images: imagesSchema.prefault({}).describe("Where images come from."),
    addons: z
      .array(addonSchema)
      .prefault([{ name: "dns" }, { name: "storage" }])
      .describe("What is installed into the cluster."),
  })
  .describe("A cluster as slipway turns it up.");

/** A cluster configuration with every default in place. */
export type ClusterConfig = z.output<typeof clusterConfigSchema>;
/** As a person writes it: everything but apiVersion and kind may be left out. */
export type ClusterConfigInput = z.input<typeof clusterConfigSchema>;
export type Infrastructure = ClusterConfig["infrastructure"];
export type WorkerPool = ClusterConfig["workers"][number];
export type NodeTaint = z.output<typeof taint>;
export type NodeCapacity = z.output<typeof capacity>;
