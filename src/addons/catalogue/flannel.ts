// flannel: a VXLAN between nodes, nothing more. Upstream's own manifest, told the pods' addresses.

import { defineAddon } from "../addon.ts";
import { editObject } from "./edit-objects.ts";
import { localNetworks, refuseSharedHost } from "./refuse.ts";
import { releasesOf } from "./releases.ts";

export const flannel = defineAddon({
  name: "flannel",
  description: "pod network: VXLAN between nodes",
  isNetwork: true,
  releases: releasesOf("flannel"),
  namespace: "kube-flannel",
  refuse: refuseSharedHost("flannel", localNetworks),
  build({ config }, { published }) {
    return editObject(published, "ConfigMap", "kube-flannel-cfg", (object) => {
      const data = object["data"] as Record<string, string>;
      const settings = JSON.parse(data["net-conf.json"] ?? "{}") as object;
      data["net-conf.json"] = JSON.stringify({ ...settings, Network: config.network.podCIDR }, null, 2);
    });
  },
});
