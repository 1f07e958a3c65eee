// Where things of distribution k3s lie on a machine.

import type { ClusterConfig, K3sOptions } from "#config";

export const k3sFolder = "/var/lib/slipway/k3s";
export const programFile = "/usr/local/bin/k3s";
export const configFile = "/etc/rancher/k3s/config.yaml";
export const registriesFile = "/etc/rancher/k3s/registries.yaml";
export const apiServerFolder = "/etc/rancher/k3s/slipway";

/** The options of distribution k3s. Throws for a cluster of another one. */
export function k3sOptions({ distribution, name }: ClusterConfig): K3sOptions {
  if (distribution.type !== "k3s") throw new Error(`Cannot describe ${name} for k3s: it is of ${distribution.type}`);
  return distribution;
}

/** Where a server looks for authorities that were made elsewhere, and archives of images are taken from. */
export function serverTls({ dataDir }: K3sOptions): string {
  return `${dataDir}/server/tls`;
}

export function imagesFolder({ dataDir }: K3sOptions): string {
  return `${dataDir}/agent/images`;
}

/** A file that says that the machine is this cluster's: only what is ours is taken off again. */
export function ownMark(cluster: string): string {
  return `${k3sFolder}/cluster-${cluster}`;
}
