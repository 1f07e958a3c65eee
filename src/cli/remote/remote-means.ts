// How clusters on machines that are elsewhere are worked on: by which distribution, and the machines that were given
// instead of made.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createSlipwayDistribution, type Distribution, k3sDistribution, kubeadmDistribution } from "#bootstrap";
import { type ClusterConfig, isManagedInfrastructure } from "#config";
import { kubernetesVersion } from "#kubernetes/api";
import { connectMachine } from "#provision";
import { type ClusterPaths, machinesFile, parseMachines, type RemoteMeans } from "#turnup";
import { listOwnPrograms } from "./own-programs.ts";

/** In the cluster's folder: its machines were given (slipway bootstrap --machines), and are not to be made or taken away. */
export function givenMark(paths: ClusterPaths): string {
  return join(paths.folder, "machines-given");
}

/** Undefined for clusters on this machine, and for those whose nodes a cloud makes. */
export function findRemoteMeans(config: ClusterConfig, paths: ClusterPaths): RemoteMeans | undefined {
  const file = machinesFile(paths.folder);
  const given = existsSync(givenMark(paths)) ? parseMachines(readFileSync(file, "utf8"), file) : undefined;
  const { infrastructure } = config;
  if (isManagedInfrastructure(infrastructure) || (infrastructure.provider === "local" && !given)) return undefined;
  return {
    distribution: chooseDistribution(config),
    connect: connectMachine,
    ...(given && { machines: given }),
  };
}

function chooseDistribution({ distribution }: ClusterConfig): Distribution {
  switch (distribution.type) {
    case "slipway":
      return createSlipwayDistribution({ kubernetesVersion, programs: listOwnPrograms });
    case "kubeadm":
      return kubeadmDistribution;
    case "k3s":
      return k3sDistribution;
  }
}
