// Which system's Debian packages a bundle gets: the machines', where that is known, which may be of another release or architecture than
// this one.

import { join } from "node:path";
import { type PackageSystem, thisArchitecture } from "#bootstrap";
import { type ClusterConfig, debianReleases } from "#config";
import { findAptSources, type Host, renderAptSources } from "#provision";
import { exitCodes, UserError } from "#shared";
import { releaseOf } from "./check-bundle.ts";

export interface PackageWish {
  /** Of the machines, "linux-arm64". */
  readonly platform: string;
  /** As typed: "trixie". */
  readonly release?: string | undefined;
  /** Where its packages are: "http://mirror.example/debian". */
  readonly mirror?: string | undefined;
}

export interface ChosenPackages {
  readonly release?: string;
  /** Absent: this machine's own. */
  readonly system?: PackageSystem;
}

/** Throws a UserError where nobody knows where such packages are. */
export function choosePackages(config: ClusterConfig, wish: PackageWish, host: Host): ChosenPackages {
  const here = releaseOf(host.read("/etc/os-release") ?? "");
  const release = wish.release ?? machineRelease(config, host) ?? here;
  const mirror =
    wish.mirror ?? (config.infrastructure.provider === "nspawn" ? config.infrastructure.mirror : undefined);
  const architecture = wish.platform.split("-")[1]!;
  if (mirror === undefined && release === here && architecture === thisArchitecture()) {
    return release === undefined ? {} : { release };
  }
  if (release === undefined) throw unknownPlace("machines of no release that is known", "Name it: --release bookworm");
  const sources =
    mirror === undefined
      ? renderAptSources(findAptSources(host, release))
      : renderAptSources([{ uri: mirror, suite: release, components: ["main"] }]);
  if (sources === "") throw unknownPlace(release, "Name a mirror of it: --mirror http://mirror.example/debian");
  return { release, system: { architecture, sources } };
}

/** As far as the configuration says it. */
function machineRelease({ infrastructure }: ClusterConfig, host: Host): string | undefined {
  if (infrastructure.provider !== "nspawn") return undefined;
  const { image } = infrastructure;
  if (image.startsWith("/")) return releaseOf(host.read(join(image, "etc/os-release")) ?? "");
  return debianReleases[image as keyof typeof debianReleases];
}

function unknownPlace(of: string, hint: string): UserError {
  return new UserError(`Cannot bundle packages of ${of}: it is not known where they are`, {
    hints: [hint, "Or make the bundle on a machine like those of the cluster."],
    exitCode: exitCodes.config,
  });
}
