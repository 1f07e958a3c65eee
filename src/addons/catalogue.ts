// The catalogue: every add-on there is, in the order in which they are shown.

import type { Addon } from "./addon.ts";
import { clusterInfo } from "./catalogue/cluster-info.ts";
import { dns } from "./catalogue/dns.ts";
import { nodeBootstrap } from "./catalogue/node-bootstrap.ts";
import { storage } from "./catalogue/storage.ts";

export const catalogue: readonly Addon[] = [clusterInfo, nodeBootstrap, dns, storage];
