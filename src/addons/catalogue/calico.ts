// Calico: routes between nodes and network policies. Upstream's own manifest (without its operator), told the pods' addresses.

import { defineAddon } from "../addon.ts";
import { editContainer, editObject, setVariable } from "./edit-objects.ts";
import { localNetworks, refuseSharedHost } from "./refuse.ts";
import { releasesOf } from "./releases.ts";

export const calico = defineAddon({
  name: "calico",
  description: "pod network: routes or tunnels, and network policies",
  isNetwork: true,
  releases: releasesOf("calico"),
  namespace: "kube-system",
  refuse: refuseSharedHost("calico", localNetworks),
  build({ config }, { published }) {
    return editObject(published, "DaemonSet", "calico-node", (object) => {
      editContainer(object, "calico-node", (container) => {
        setVariable(container, "CALICO_IPV4POOL_CIDR", config.network.podCIDR);
      });
    });
  },
});
