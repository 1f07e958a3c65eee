// slipway certs

import type { Command } from "commander";
import { readRotation } from "#bootstrap";
import { exitCodes } from "#shared";
import { describeDays, type FoundCertificate, findCertificates, warnAboutExpiry } from "../certs/find-certificates.ts";
import { isRenewable } from "../certs/refuse-certificates.ts";
import { addNameOption, findCluster, planInput } from "../cluster.ts";
import type { CliContext } from "../context.ts";
import { ExitError } from "../exit-error.ts";
import { formatTable } from "../text/table.ts";

interface CertsOptions {
  readonly name?: string;
  readonly json?: boolean;
}

export function define(command: Command, context: CliContext): void {
  addNameOption(command)
    .option("--json", "as JSON")
    .action((options: CertsOptions) => certs(context, options));
}

async function certs(context: CliContext, options: CertsOptions): Promise<void> {
  const cluster = findCluster(context, options.name);
  const { certificates, unreachable } = await findCertificates(cluster, context);
  for (const { machine, error } of unreachable) {
    context.err(`The certificates of ${machine} cannot be read: ${error.message}\n`);
  }
  if (options.json) {
    const listed = certificates.map(({ pem: _, isElsewhere: __, ...certificate }) => certificate);
    return context.out(`${JSON.stringify({ cluster: cluster.name, certificates: listed }, null, 2)}\n`);
  }
  context.out(formatCertificates(certificates));
  const rotation = await readRotation(cluster.paths.pki);
  if (rotation) {
    context.out(
      `\nAuthorities are being rotated (stage "${rotation.stage}"): slipway certs rotate-ca --name ${cluster.name} goes on.\n`,
    );
  }
  const warning = warnAboutExpiry(cluster.name, certificates, {
    isRenewable: isRenewable(planInput(cluster, cluster.config, context)),
  });
  if (warning) context.out(`\n${warning}\n`);
  if (unreachable.length > 0) throw new ExitError(exitCodes.failed);
}

function formatCertificates(certificates: readonly FoundCertificate[]): string {
  const rows = certificates.map(({ name, subject, issuer, expires, daysLeft, where }) => {
    return [name, subject, issuer, expires, describeDays(daysLeft), where];
  });
  return formatTable(["CERTIFICATE", "SUBJECT", "ISSUED BY", "EXPIRES", "LEFT", "WHERE"], rows);
}
