// Where everything lies on a machine that runs distribution "slipway": upstream's places where upstream has one, else folders of our own.

import { join } from "node:path";
import type { NodeUser } from "../node.ts";

const programs = "/opt/slipway";
const settings = "/etc/slipway";
const state = "/var/lib/slipway";
const run = "/run/slipway";
const kubernetes = "/etc/kubernetes";
const kubelet = "/var/lib/kubelet";

export const machinePaths = {
  programs,
  node: join(programs, "node"),
  loader: join(programs, "process.cjs"),
  settings,
  machineSettings: join(settings, "machine.json"),
  removalSettings: join(settings, "removal.json"),
  agentOptions: join(settings, "agent.json"),
  controlPlaneOptions: join(settings, "control-plane.json"),
  /** What the configuration names files for: policies, other configurations. */
  apiServerFiles: join(settings, "api-server"),
  /** For an etcd that is not ours. */
  etcdClientFiles: {
    caFile: join(settings, "etcd-client/ca.crt"),
    certFile: join(settings, "etcd-client/client.crt"),
    keyFile: join(settings, "etcd-client/client.key"),
  },
  containerdConfig: join(settings, "containerd.toml"),
  etcdConfig: join(settings, "etcd.yaml"),
  keepalivedConfig: join(settings, "keepalived.conf"),
  sysctls: "/etc/sysctl.d/99-slipway.conf",
  modules: "/etc/modules-load.d/slipway.conf",
  kubernetes,
  pki: join(kubernetes, "pki"),
  etcdPki: join(kubernetes, "pki/etcd"),
  bootstrapKubeconfig: join(kubernetes, "bootstrap-kubelet.conf"),
  kubeconfig: (user: NodeUser) => join(kubernetes, `${user}.conf`),
  kubelet,
  /** The certificates of the node and of what runs beside the kubelet. */
  nodePki: join(kubelet, "pki"),
  podLogs: "/var/log/pods",
  containerLogs: "/var/log/containers",
  cniConfig: "/etc/cni/net.d",
  cniPlugins: "/opt/cni/bin",
  state,
  store: join(state, "store"),
  snapshots: join(state, "snapshots"),
  etcdData: join(state, "etcd"),
  containerd: join(state, "containerd"),
  /** Archives of images from a bundle. */
  images: join(state, "images"),
  volumes: join(state, "volumes"),
  auditLog: "/var/log/slipway/audit.log",
  logs: "/var/log/slipway",
  run,
  containerdState: join(run, "containerd"),
  criSocket: join(run, "containerd.sock"),
  ttrpcSocket: join(run, "ttrpc.sock"),
  runcRoot: join(run, "runc"),
  podAddresses: join(run, "pod-addresses"),
} as const;

/** The name of the pod network in the CNI configuration. */
export const podNetwork = "slipway";

export const unitNames = {
  containerd: "slipway-containerd",
  etcd: "slipway-etcd",
  controlPlane: "slipway-control-plane",
  virtualAddress: "slipway-virtual-address",
  agent: "slipway-agent",
} as const;

export const etcdPorts = { client: 2379, peer: 2380 } as const;
