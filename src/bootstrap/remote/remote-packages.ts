// Packages on a machine that a connection reaches: from the repositories the machine has; or from a bundle, of which it is brought just
// what it lacks, and then from nothing else.

import { join } from "node:path";
import type { MachineConnection } from "#provision";
import { exitCodes, UserError } from "#shared";
import type { ArtifactSource, PackageRepository } from "../artifacts/artifact.ts";
import { findWantedFiles, offlineAptOptions, packagesFile, placeFiles } from "../artifacts/package-repository.ts";
import {
  findManagerCommand,
  managerOf,
  missingPackages,
  type PackageManager,
  translateNames,
} from "./package-managers.ts";

export interface PackageTarget {
  /** The machine's name, for messages. */
  readonly machine: string;
  readonly connection: MachineConnection;
  readonly artifacts: ArtifactSource;
  readonly signal: AbortSignal;
}

/** What is to be installed on a machine. */
export interface LackedPackages {
  readonly manager: PackageManager;
  /** As the manager calls them. */
  readonly names: readonly string[];
  /** Absent: from the repositories the machine has. */
  readonly repository?: PackageRepository;
}

/** Where a bundle's packages lie while they are installed. */
const arrivalFolder = "/var/lib/slipway/packages";

/** Those of the packages that the machine lacks. Changes nothing. Throws a UserError where they could not be installed. */
export async function findLackedPackages(packages: readonly string[], target: PackageTarget): Promise<LackedPackages> {
  const { machine, connection, artifacts, signal } = target;
  const manager = managerOf((await connection.exec(findManagerCommand, { signal, okCodes: [0, 1, 127] })).stdout);
  if (!manager) {
    throw new UserError(`${machine}: cannot install packages: no package manager is known there`, {
      hints: [`Install them yourself: ${packages.join(", ")}.`],
    });
  }
  const wanted = translateNames(manager, packages);
  const okCodes = Array.from({ length: wanted.length + 2 }, (_, code) => code);
  const { stdout } = await connection.exec(manager.query(wanted), { signal, okCodes });
  const names = missingPackages(wanted, stdout);
  const repository = await artifacts.packageRepository();
  if (!repository || names.length === 0) return { manager, names };
  await refuseRepository(repository, { manager, names }, target);
  return { manager, names, repository };
}

/** Packages of another system would be refused by apt in the middle of its work, or spoil the machine. */
async function refuseRepository(
  { packages, release }: PackageRepository,
  { manager, names }: Pick<LackedPackages, "manager" | "names">,
  { machine, connection, signal }: PackageTarget,
): Promise<void> {
  const refuse = (why: string, ...hints: string[]) =>
    new UserError(`${machine}: cannot install packages from the bundle: ${why}`, {
      hints: [...hints, `Or install them there yourself: ${names.join(", ")}.`],
      exitCode: exitCodes.bootstrap,
    });
  if (manager.name !== "apt-get") throw refuse(`they are Debian's, and the machine has ${manager.name}`);
  const lacking = names.filter((name) => !packages.includes(name));
  if (lacking.length > 0) throw refuse(`${lacking.join(", ")} ${lacking.length === 1 ? "is" : "are"} not in it`);
  if (release === undefined) return;
  const { stdout } = await connection.exec(["cat", "/etc/os-release"], { signal, okCodes: [0, 1] });
  const found = /^VERSION_CODENAME="?([^"\n]*)/m.exec(stdout)?.[1] ?? "a release without a name";
  if (found === release) return;
  throw refuse(`they are of ${release}, and the machine is ${found}`, `Make one: slipway bundle create --release …`);
}

/** Installs them, and answers what that wrote. */
export async function installLacked(lacked: LackedPackages, target: PackageTarget): Promise<string> {
  const { connection, signal } = target;
  const { manager, names, repository } = lacked;
  if (repository) return installFromBundle(names, repository, target);
  const install = () => connection.exec(manager.install(names), { signal });
  const { stdout, stderr } = await install().catch(async () => {
    signal.throwIfAborted();
    // The package lists may be old, or were never fetched.
    await connection.exec(manager.refresh, { signal });
    return install();
  });
  return `${stdout}${stderr}`;
}

async function installFromBundle(
  names: readonly string[],
  { folder }: PackageRepository,
  { connection, signal }: PackageTarget,
): Promise<string> {
  const settings = offlineAptOptions(arrivalFolder);
  const apt = async (...words: readonly string[]) => {
    const argv = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-y", "--no-install-recommends", ...settings];
    const { stdout, stderr } = await connection.exec([...argv, ...aptBehaviour, ...words], { signal });
    return { stdout, output: `${stdout}${stderr}` };
  };
  await connection.uploadFile(join(folder, packagesFile), `${arrivalFolder}/${packagesFile}`);
  for (const [file, text] of Object.entries(placeFiles(arrivalFolder)))
    await connection.writeFile(`${arrivalFolder}/${file}`, text);
  await apt("-q", "update");
  const { stdout } = await apt("-qq", "--print-uris", "install", ...names);
  for (const file of findWantedFiles(stdout))
    await connection.uploadFile(join(folder, file), `${arrivalFolder}/${file}`);
  const { output } = await apt("-q", "install", ...names);
  await connection.exec(["rm", "-rf", arrivalFolder], { signal });
  return output;
}

/** Whoever is at it already is waited for, and what a person has changed stays. */
const aptBehaviour = ["-o", "DPkg::Lock::Timeout=120", "-o", "Dpkg::Options::=--force-confold"];
