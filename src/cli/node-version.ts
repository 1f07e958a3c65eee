// What kubelets of distribution slipway report: the release of Kubernetes, and which slipway it is of.

import { kubernetesVersion } from "#kubernetes/api";
import { slipwayVersion } from "./version.ts";

/** Such as "v1.36.2+slipway.0.1.0": `kubectl get nodes` tells which nodes an upgrade has reached. */
export const nodeVersion = `${kubernetesVersion}+slipway.${slipwayVersion.replaceAll("+", ".")}`;
