// Every certificate of a cluster, wherever it lies: the cluster's own on this machine, each node's with the node.

import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type CertificateInfo, listCertificates, nodePaths, warningDays } from "#bootstrap";
import { certificatesOf, machineSpecs, machinesInCluster, providerContext } from "#turnup";
import { type ExistingCluster, isElsewhere, planInput } from "../cluster.ts";
import type { CliContext } from "../context.ts";

export interface FoundCertificate extends CertificateInfo {
  /** "cluster", or a machine's name. */
  readonly where: string;
  /** On this machine, or on the one it is with. */
  readonly file: string;
  /** Not on this machine. */
  readonly isElsewhere: boolean;
}

export interface FoundCertificates {
  readonly certificates: readonly FoundCertificate[];
  /** Machines that could not be asked, and why. */
  readonly unreachable: readonly { readonly machine: string; readonly error: Error }[];
}

/** Also those on machines elsewhere, all of which are asked. */
export async function findCertificates(cluster: ExistingCluster, context: CliContext): Promise<FoundCertificates> {
  const { config } = cluster;
  const input = planInput(cluster, config, context);
  const here = await findCertificatesHere(cluster, context);
  if (!input.remote) return { certificates: here, unreachable: [] };
  const unreachable: { machine: string; error: Error }[] = [];
  const found = await Promise.all(
    (await machinesInCluster(input)).map(async (machine): Promise<FoundCertificate[]> => {
      try {
        const certificates = await certificatesOf(input, machine, context.signal);
        return certificates.map((certificate) => ({ ...certificate, where: machine.name, isElsewhere: true }));
      } catch (error) {
        context.signal.throwIfAborted();
        unreachable.push({ machine: machine.name, error: error as Error });
        return [];
      }
    }),
  );
  return { certificates: [...here, ...found.flat()], unreachable };
}

/** Those on this machine alone. */
export async function findCertificatesHere(cluster: ExistingCluster, context: CliContext): Promise<FoundCertificate[]> {
  const folders = await certificateFolders(cluster, context);
  const found = await Promise.all(
    folders.map(async ({ where, folder }) => {
      const place = (name: string) => ({ where, file: join(folder, `${name}.crt`), isElsewhere: false });
      return (await listCertificates(folder)).map((certificate) => ({ ...certificate, ...place(certificate.name) }));
    }),
  );
  return found.flat();
}

async function certificateFolders(cluster: ExistingCluster, context: CliContext) {
  const { config, paths } = cluster;
  const own = { where: "cluster", folder: paths.pki };
  const input = planInput(cluster, config, context);
  if (isElsewhere(input)) return [own];
  const machines = await Promise.all(
    machineSpecs(config, input.names).map((spec) =>
      input.provider.findMachine(providerContext(input, context.signal), spec),
    ),
  );
  const nodes = machines.filter((machine) => machine !== undefined);
  return [own, ...nodes.map((machine) => ({ where: machine.name, folder: nodePaths(machine).pki }))];
}

/** Certificates that somebody should do something about; the soonest first. */
export function expiringSoon(certificates: readonly FoundCertificate[]): FoundCertificate[] {
  return certificates.filter(({ daysLeft }) => daysLeft < warningDays).toSorted((a, b) => a.daysLeft - b.daysLeft);
}

/** One line about what will soon be over, or is; undefined where nothing will. Names the command only where it may be used. */
export function warnAboutExpiry(
  cluster: string,
  certificates: readonly FoundCertificate[],
  { isRenewable = true }: { readonly isRenewable?: boolean } = {},
): string | undefined {
  const [first, ...others] = expiringSoon(certificates);
  if (!first) return undefined;
  const name = first.where === "cluster" ? first.name : `${first.name} of ${first.where}`;
  const when = first.daysLeft < 0 ? "has expired" : `expires in ${describeDays(first.daysLeft)}`;
  const more = others.length === 0 ? "" : `, and ${others.length} more soon`;
  const how = isRenewable ? `: slipway certs renew --name ${cluster}` : "";
  return `Certificate ${name} ${when}${more}${how}`;
}

export function describeDays(days: number): string {
  if (days < 0) return "expired";
  return days === 1 ? "1 day" : `${days} days`;
}

/** Takes those on this machine away, so that the next run of the plan issues them anew. */
export async function forgetCertificates(certificates: readonly FoundCertificate[]): Promise<void> {
  for (const { file, isElsewhere } of certificates) if (!isElsewhere) await rm(file, { force: true });
}
