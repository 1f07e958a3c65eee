// Distribution "k3s": one binary on every machine, its own unit, its own join token.

import { knownVersions } from "#config";
import type { Distribution } from "../distribution.ts";
import { describeK3sCertificates } from "./certificates.ts";
import { describeK3sMachine, k3sVersion } from "./machine.ts";
import { programFile } from "./paths.ts";
import { describeK3sRemoval } from "./removal.ts";
import { describeK3sRestore } from "./restore-data.ts";
import { describeK3sSnapshot } from "./snapshot.ts";

export const k3sDistribution: Distribution = {
  name: "k3s",
  versions: knownVersions.k3s,
  describeMachine: describeK3sMachine,
  images: (config, platform) => ({ names: [], archives: [`k3s-images-${k3sVersion(config)}-${platform}`] }),
  importImages: (archive) => [programFile, "ctr", "--namespace", "k8s.io", "images", "import", archive],
  describeSnapshot: describeK3sSnapshot,
  describeRemoval: describeK3sRemoval,
  certificates: describeK3sCertificates,
  describeRestore: describeK3sRestore,
};
