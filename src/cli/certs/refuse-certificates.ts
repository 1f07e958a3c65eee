// Certificates that slipway does not issue: a cloud's own, and those of distributions that have commands for it.

import type { CertificateCare } from "#bootstrap";
import { isManagedInfrastructure } from "#config";
import { exitCodes, UserError } from "#shared";
import type { PlanInput } from "#turnup";

/** Whether `certs renew` may be used. */
export function isRenewable(input: PlanInput): boolean {
  return findRefusal(input, "renew") === undefined;
}

/** Throws UserError where slipway does not renew, or does not rotate, what the cluster has. */
export function refuseCertificates(input: PlanInput, what: "renew" | "rotate"): void {
  const refusal = findRefusal(input, what);
  if (refusal) throw refusal;
}

function findRefusal({ config, remote }: PlanInput, what: "renew" | "rotate"): UserError | undefined {
  const { infrastructure, name } = config;
  const action =
    what === "renew" ? `issue certificates of cluster ${name}` : `rotate the authorities of cluster ${name}`;
  if (isManagedInfrastructure(infrastructure)) {
    return new UserError(`Cannot ${action}: they are the cloud's (provider ${infrastructure.provider})`, {
      exitCode: exitCodes.config,
    });
  }
  const care = remote?.distribution.certificates(config);
  if (!care || doesItself(care, what)) return undefined;
  const instead = care.instead[what];
  return new UserError(`Cannot ${action}: slipway does not do that for distribution ${remote!.distribution.name}`, {
    hints: instead === undefined ? [] : [instead],
    exitCode: exitCodes.config,
  });
}

function doesItself({ renew, rotates }: CertificateCare, what: "renew" | "rotate"): boolean {
  return what === "renew" ? renew !== undefined : rotates;
}
