// Distribution "kubeadm": upstream Kubernetes, its control plane in static pods that kubeadm writes. The words are those of kubeadm's
// configuration (kubeadm.k8s.io/v1beta4), so that its documentation explains them.

import { z } from "zod";

const absolutePath = z.string().regex(/^\//, "must be an absolute path");

const flag = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/, "must be a flag's name without its dashes")
    .describe("The flag, without dashes."),
  value: z.string().describe("Its value."),
});

const extraArgs = z
  .array(flag)
  .default([])
  .describe("Further flags, in order; one that kubeadm sets itself is replaced by its last.");

const environmentVariable = z.strictObject({
  name: z.string().min(1).describe("Name of the variable."),
  value: z.string().describe("Its value."),
});

const extraVolume = z.strictObject({
  name: z.string().min(1).describe("Name of the volume."),
  hostPath: absolutePath.describe("Path on the machine."),
  mountPath: absolutePath.describe("Path in the container."),
  readOnly: z.boolean().default(true).describe("Whether the component may only read."),
  pathType: z
    .enum(["", "DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice"])
    .default("")
    .describe("What must be there, as in a Pod's hostPath."),
});

const component = z.strictObject({
  extraArgs,
  extraVolumes: z.array(extraVolume).default([]).describe("Further files of the machine that the component sees."),
  extraEnvs: z.array(environmentVariable).default([]).describe("Further environment variables."),
});

const componentConfig = (kind: string) =>
  z
    .record(z.string(), z.unknown())
    .default({})
    .describe(`Fields of ${kind}, over those that are set here. For all nodes.`);

const patch = z.strictObject({
  target: z
    .enum([
      "kube-apiserver",
      "kube-controller-manager",
      "kube-scheduler",
      "etcd",
      "kubeletconfiguration",
      "corednsdeployment",
    ])
    .describe("What is patched."),
  type: z.enum(["strategic", "merge", "json"]).default("strategic").describe("How the patch is meant, as in kubectl."),
  patch: z
    .union([z.record(z.string(), z.unknown()), z.array(z.record(z.string(), z.unknown()))])
    .describe("The patch itself; a list of operations where its type is json."),
});

const duration = z.string().regex(/^(\d+(\.\d+)?(h|m|s|ms))+$/, "must be a duration such as 4m0s");

const timeouts = z
  .strictObject({
    controlPlaneComponentHealthCheck: duration.optional().describe("For a component to be healthy. Default: 4m0s."),
    kubeletHealthCheck: duration.optional().describe("For the kubelet to be healthy. Default: 4m0s."),
    kubernetesAPICall: duration.optional().describe("For a request to the API server. Default: 1m0s."),
    etcdAPICall: duration.optional().describe("For a request to etcd. Default: 2m0s."),
    tlsBootstrap: duration.optional().describe("For a kubelet to get its certificate. Default: 5m0s."),
    discovery: duration.optional().describe("For a joining machine to trust the cluster. Default: 5m0s."),
    upgradeManifests: duration.optional().describe("For a static pod to come back, upgraded. Default: 5m0s."),
  })
  .default({})
  .describe("How long kubeadm waits.");

export const kubeadmDistributionSchema = z
  .strictObject({
    type: z.literal("kubeadm"),
    certSANs: z
      .array(z.string().min(1))
      .default([])
      .describe("Further names and addresses in the API servers' certificates."),
    apiServer: component.prefault({}).describe("kube-apiserver."),
    controllerManager: component.prefault({}).describe("kube-controller-manager."),
    scheduler: component.prefault({}).describe("kube-scheduler."),
    etcd: z
      .strictObject({
        dataDir: absolutePath.default("/var/lib/etcd").describe("Where etcd keeps its data."),
        extraArgs,
        extraEnvs: z.array(environmentVariable).default([]).describe("Further environment variables."),
        serverCertSANs: z.array(z.string().min(1)).default([]).describe("Further names in its server certificate."),
        peerCertSANs: z.array(z.string().min(1)).default([]).describe("Further names in its peer certificate."),
        imageRepository: z.string().min(1).optional().describe("Registry of its image. Default: imageRepository."),
        imageTag: z.string().min(1).optional().describe("Tag of its image. Default: kubeadm's."),
      })
      .prefault({})
      .describe("etcd on the control planes. Not used with controlPlane.etcd, an etcd of your own."),
    kubelet: z
      .strictObject({ extraArgs, config: componentConfig("KubeletConfiguration") })
      .prefault({})
      .describe("The kubelet of every node."),
    kubeProxy: z
      .strictObject({ config: componentConfig("KubeProxyConfiguration") })
      .prefault({})
      .describe("kube-proxy, where network.proxy wants it."),
    coreDNS: z.boolean().default(true).describe("Whether kubeadm installs CoreDNS."),
    imageRepository: z.string().min(1).optional().describe("Registry of all images. Default: upstream's."),
    featureGates: z
      .record(z.string(), z.boolean())
      .default({})
      .describe("kubeadm's own feature gates; components have theirs in extraArgs."),
    encryptionAlgorithm: z
      .enum(["RSA-2048", "RSA-3072", "RSA-4096", "ECDSA-P256", "ECDSA-P384"])
      .default("ECDSA-P256")
      .describe("Keys of the certificates kubeadm signs."),
    certificateValidityPeriod: duration
      .optional()
      .describe("How long the certificates that kubeadm signs are good for. Default: 8760h, a year."),
    patches: z.array(patch).default([]).describe("Patches of what kubeadm writes, on every machine it concerns."),
    skipPhases: z
      .array(z.string().min(1))
      .default([])
      .describe("Phases of kubeadm init and join that are left out, such as addon/coredns."),
    ignorePreflightErrors: z
      .array(z.string().min(1))
      .default([])
      .describe("Checks of kubeadm whose failure is a warning, such as NumCPU."),
    timeouts,
    verbosity: z.int().min(0).max(10).default(0).describe("How much kubeadm tells: its -v."),
  })
  .describe("Upstream Kubernetes, set up by kubeadm.");

export type KubeadmOptions = z.output<typeof kubeadmDistributionSchema>;
