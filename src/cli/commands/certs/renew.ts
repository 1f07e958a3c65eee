// slipway certs renew

import type { Command } from "commander";
import { didYouMean } from "#config";
import { exitCodes, UserError } from "#shared";
import { machinesInCluster, renewCertificatesOf } from "#turnup";
import { describeRenewal } from "../../certs/describe-renewal.ts";
import { type FoundCertificate, findCertificates, forgetCertificates } from "../../certs/find-certificates.ts";
import { refuseCertificates } from "../../certs/refuse-certificates.ts";
import { addNameOption, type ExistingCluster, findCluster, planInput, withClusterLock } from "../../cluster.ts";
import type { CliContext } from "../../context.ts";
import { addProgressOptions, createRenderer, type ProgressOptions, sayer } from "../../progress.ts";
import { refuseWhileRestoring } from "../../store/refuse-while-restoring.ts";
import { turnUp } from "../../turn-up.ts";
import { refuseWhileUpgrading } from "../../upgrade/upgrade-state.ts";

interface RenewOptions extends ProgressOptions {
  readonly name?: string;
}

export function define(command: Command, context: CliContext): void {
  addProgressOptions(addNameOption(command))
    .argument("[certificate...]", "certificates as `slipway certs` shows them, or nodes (default: all but authorities)")
    .action((names: string[], options: RenewOptions) => renew(context, names, options));
}

async function renew(context: CliContext, names: readonly string[], options: RenewOptions): Promise<void> {
  const cluster = findCluster(context, options.name);
  const input = planInput(cluster, cluster.config, context);
  refuseCertificates(input, "renew");
  const say = sayer(context, options);
  await withClusterLock(cluster, "certs renew", async () => {
    refuseWhileUpgrading(cluster);
    refuseWhileRestoring(cluster);
    const chosen = choose((await findReachable(cluster, context, names)).filter(isLeaf), names);
    await renewElsewhere(cluster, chosen, { context, say });
    await forgetCertificates(chosen);
    await turnUp(cluster, cluster.config, context, { onEvent: createRenderer(context, options) });
    const care = input.remote?.distribution.certificates(cluster.config);
    say(describeRenewal(chosen, (await findCertificates(cluster, context)).certificates, care?.leftAlone));
  });
}

/** Without names all are meant, so all must be there; with names those that are there are chosen from. */
async function findReachable(
  cluster: ExistingCluster,
  context: CliContext,
  names: readonly string[],
): Promise<readonly FoundCertificate[]> {
  const { certificates, unreachable } = await findCertificates(cluster, context);
  const [first] = unreachable;
  if (!first || names.length > 0) return certificates;
  throw new UserError(`Cannot renew all certificates: ${first.machine} cannot be asked: ${first.error.message}`, {
    hints: ["Name the machines whose certificates are to be renewed, to leave others out."],
    exitCode: exitCodes.failed,
    cause: first.error,
  });
}

/** One machine after the other, control planes first: each serves again before the next begins. */
async function renewElsewhere(
  cluster: ExistingCluster,
  chosen: readonly FoundCertificate[],
  { context, say }: { readonly context: CliContext; readonly say: (text: string) => void },
): Promise<void> {
  const input = planInput(cluster, cluster.config, context);
  if (!input.remote) return;
  for (const machine of await machinesInCluster(input)) {
    const names = chosen.filter(({ where, isElsewhere }) => isElsewhere && where === machine.name);
    if (names.length === 0) continue;
    const report = (detail: string) => say(`${machine.name}: ${detail}\n`);
    await renewCertificatesOf(
      input,
      machine,
      names.map(({ name }) => name),
      { signal: context.signal, report },
    );
  }
}

function isLeaf({ isAuthority }: FoundCertificate): boolean {
  return !isAuthority;
}

function choose(known: readonly FoundCertificate[], names: readonly string[]): readonly FoundCertificate[] {
  if (names.length === 0) return known;
  return names.flatMap((name) => {
    const found = known.filter((certificate) => certificate.name === name || certificate.where === name);
    if (found.length > 0) return found;
    const all = [...new Set(known.flatMap(({ where, ...certificate }) => [certificate.name, where]))].filter(
      (found) => found !== "cluster",
    );
    const guess = didYouMean(name, all);
    throw new UserError(`Cannot renew ${name}: there is no such certificate or node`, {
      hints: [
        guess ? `Did you mean ${guess}?` : `There are: ${all.join(", ")}.`,
        "Authorities are not renewed but rotated: slipway certs rotate-ca.",
      ],
      exitCode: exitCodes.notFound,
    });
  });
}
