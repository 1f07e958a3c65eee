// The catalogue: every add-on there is, in the order in which they are shown.

import type { Addon } from "./addon.ts";
import { calico } from "./catalogue/calico.ts";
import { cilium } from "./catalogue/cilium.ts";
import { cloudAddons } from "./catalogue/clouds.ts";
import { clusterInfo } from "./catalogue/cluster-info.ts";
import { dns } from "./catalogue/dns.ts";
import { flannel } from "./catalogue/flannel.ts";
import { logs } from "./catalogue/logs.ts";
import { metricsServer } from "./catalogue/metrics-server.ts";
import { nodeBootstrap } from "./catalogue/node-bootstrap.ts";
import { publishedAddons } from "./catalogue/published.ts";
import { storage } from "./catalogue/storage.ts";

export const catalogue: readonly Addon[] = [
  clusterInfo,
  nodeBootstrap,
  dns,
  storage,
  metricsServer,
  logs,
  ...publishedAddons,
  flannel,
  calico,
  cilium,
  ...cloudAddons,
];
