// What a cluster needs beyond its configuration's own text: what `bundle create` gathers, and a bundle must hold to be enough.

import { type BundleIndex, hostPackages } from "#bootstrap";
import { type ClusterConfig, isSimulatedCluster } from "#config";
import { exitCodes, UserError } from "#shared";

export interface ClusterNeeds {
  /** Names of the catalogue. */
  readonly programs: readonly string[];
  /** Debian's names. */
  readonly packages: readonly string[];
  readonly images: readonly string[];
  readonly documents: readonly DocumentNeed[];
}

export interface DocumentNeed {
  readonly url: string;
  readonly kind: "manifest" | "chart";
  readonly version: string;
  readonly digest?: string;
}

export function findNeeds(config: ClusterConfig): ClusterNeeds {
  const isHere = config.infrastructure.provider === "local";
  const packages = isHere && !isSimulatedCluster(config) ? hostPackages : [];
  return { programs: [], packages, images: [], documents: [] };
}

/** Throws a UserError that names all that the cluster needs and the bundle lacks. */
export function checkComplete(index: BundleIndex, config: ClusterConfig, bundle: string): void {
  const { programs, packages, images, documents } = findNeeds(config);
  const has = new Set(index.artifacts.map(({ kind, name }) => `${kind} ${name}`));
  const wanted = [
    ...programs.map((name) => `program ${name}`),
    ...packages.map((name) => `package ${name}`),
    ...images.map((name) => `image ${name}`),
    ...documents.map(({ kind, url }) => `${kind} ${url}`),
  ];
  const missing = wanted.filter((name) => !has.has(name));
  if (missing.length === 0) return;
  throw new UserError(
    `Cannot use bundle ${bundle} for cluster ${config.name}: it lacks ${missing.length} of what that needs`,
    {
      hints: [...missing.slice(0, 30), "Make one from this configuration: slipway bundle create FILE --config …"],
      exitCode: exitCodes.config,
    },
  );
}
