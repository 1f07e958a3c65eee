// Cilium: pods' traffic and network policies in eBPF. Upstream publishes a chart only, so Helm renders it; nodes keep the pod ranges
// Kubernetes gives them, and the service proxy that is there stays.

import { z } from "zod";
import { defineAddon } from "../addon.ts";
import { localNetworks, refuseSharedHost } from "./refuse.ts";
import { releasesOf } from "./releases.ts";

const values = z.record(z.string(), z.unknown()).describe("Values of Cilium's chart, over ours.");

export const cilium = defineAddon({
  name: "cilium",
  description: "pod network: eBPF, network policies (needs Helm on this machine)",
  isNetwork: true,
  releases: releasesOf("cilium"),
  namespace: "kube-system",
  values,
  refuse: refuseSharedHost("cilium", localNetworks),
  chartValues: ({ config }, given) => ({
    ipam: { mode: "kubernetes" },
    kubeProxyReplacement: config.network.proxy === "none",
    operator: { replicas: config.controlPlane.replicas > 1 ? 2 : 1 },
    ...given,
  }),
});
