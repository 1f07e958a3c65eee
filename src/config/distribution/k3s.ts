// Distribution "k3s": one binary that holds control plane, kubelet, container runtime, pod network and service proxy. The words are those
// of its config.yaml.

import { z } from "zod";

const flags = (component: string) =>
  z
    .array(z.string().regex(/^[a-z0-9][a-z0-9-]*(=.*)?$/s, "must be such as max-pods=200"))
    .default([])
    .describe(`Further flags of ${component}, without their dashes.`);

export const k3sDistributionSchema = z
  .strictObject({
    type: z.literal("k3s"),
    tlsSAN: z
      .array(z.string().min(1))
      .default([])
      .describe("Further names and addresses in the servers' certificates."),
    disable: z
      .array(z.enum(["coredns", "servicelb", "traefik", "local-storage", "metrics-server", "runtimes"]))
      .default([])
      .describe("What k3s shall not install into the cluster."),
    flannelBackend: z
      .enum(["vxlan", "host-gw", "wireguard-native", "none"])
      .default("vxlan")
      .describe("k3s' own pod network. none with a network.plugin of another kind."),
    networkPolicy: z.boolean().default(true).describe("Whether k3s enforces NetworkPolicies."),
    secretsEncryption: z.boolean().default(false).describe("Whether Secrets are encrypted at rest."),
    kubeAPIServerArgs: flags("kube-apiserver"),
    kubeControllerManagerArgs: flags("kube-controller-manager"),
    kubeSchedulerArgs: flags("kube-scheduler"),
    kubeletArgs: flags("the kubelet"),
    kubeProxyArgs: flags("kube-proxy"),
    etcdArgs: flags("etcd"),
    systemDefaultRegistry: z
      .string()
      .min(1)
      .optional()
      .describe("Registry of k3s' own images. Default: where they are published."),
    registries: z
      .record(z.string(), z.unknown())
      .optional()
      .describe("k3s' registries.yaml: mirrors of registries, and how one authenticates there."),
    dataDir: z
      .string()
      .regex(/^\//, "must be an absolute path")
      .default("/var/lib/rancher/k3s")
      .describe("Where k3s keeps all of its data."),
  })
  .describe("k3s: upstream Kubernetes in one binary, with its own container runtime and pod network.");

export type K3sOptions = z.output<typeof k3sDistributionSchema>;
