// A bundle as people read it.

import type { BundleIndex } from "#bootstrap";
import { formatTable } from "../text/table.ts";

export function describeBundle(index: BundleIndex): string {
  const { artifacts, distribution, kubernetesVersion, platform, packageRelease, created, slipway } = index;
  const packages = packageRelease === undefined ? "" : `, packages of ${packageRelease}`;
  const rows = artifacts.map(({ kind, name, version, size, licence }) => [
    kind,
    name,
    version || "-",
    describeSize(size),
    licence ?? "not known",
  ]);
  const size = artifacts.reduce((sum, artifact) => sum + artifact.size, 0);
  return [
    `For ${distribution}, Kubernetes ${kubernetesVersion}, on ${platform}${packages}; made ${created} by slipway ${slipway}.`,
    "",
    formatTable(["KIND", "NAME", "VERSION", "SIZE", "LICENCE"], rows),
    `${artifacts.length} artifacts, ${describeSize(size)} unpacked. Every checksum is right.`,
    "",
  ].join("\n");
}

const units = ["B", "KiB", "MiB", "GiB", "TiB"];

/** Such as "1.5 MiB". */
export function describeSize(bytes: number): string {
  const power = bytes === 0 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1);
  const amount = bytes / 1024 ** power;
  return `${power === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${units[power]}`;
}
