// The node agent: pod workers over CRI, probes, volumes, status; and simulated nodes.

export { createKubelet, type Kubelet } from "./kubelet.ts";
export type { KubeletOptions, KubeletServerOptions } from "./options.ts";
