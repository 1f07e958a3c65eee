// Warnings about volumes of kinds that are deprecated or no longer work.

import { child, item } from "../../../../field-error.ts";
import type { Volume } from "../../../../generated/types.ts";
import { warnOfFraction } from "../../resources/fractions.ts";

const deprecatedSources: readonly (readonly [source: keyof Volume, why: string])[] = [
  ["photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"],
  ["gitRepo", "deprecated in v1.11, and disabled by default in v1.33+"],
  ["scaleIO", "deprecated in v1.16, non-functional in v1.22+"],
  ["flocker", "deprecated in v1.22, non-functional in v1.25+"],
  ["storageos", "deprecated in v1.22, non-functional in v1.25+"],
  ["quobyte", "deprecated in v1.22, non-functional in v1.25+"],
  ["glusterfs", "deprecated in v1.25, non-functional in v1.26+"],
  ["cephfs", "deprecated in v1.28, non-functional in v1.31+"],
  ["rbd", "deprecated in v1.28, non-functional in v1.31+"],
];

/** What upstream calls a source in warnings, where that is not its field. */
const namesInWarnings: Readonly<Record<string, string>> = { storageos: "storageOS" };

export function warnOfVolumes(volumes: readonly Volume[], path: string, warnings: string[]): void {
  for (const [index, volume] of volumes.entries()) {
    for (const [source, why] of deprecatedSources) {
      if (volume[source]) warnings.push(`${child(item(path, index), namesInWarnings[source] ?? source)}: ${why}`);
    }
    const template = volume.ephemeral?.volumeClaimTemplate;
    if (!template) continue;
    const resourcesPath = child(item(path, index), "ephemeral", "volumeClaimTemplate", "spec", "resources");
    for (const list of ["requests", "limits"] as const) {
      warnOfFraction(template.spec.resources?.[list], "storage", child(resourcesPath, list), warnings);
    }
  }
}
