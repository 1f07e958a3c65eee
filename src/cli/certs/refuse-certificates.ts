// Certificates that slipway does not issue: a cloud's own. And authorities that it does not rotate: also those of distributions that are
// not its own.

import { isManagedInfrastructure } from "#config";
import { exitCodes, UserError } from "#shared";
import type { PlanInput } from "#turnup";

/** Whether `certs renew` may be used. */
export function isRenewable(input: PlanInput): boolean {
  return findCloudRefusal(input, "renew") === undefined;
}

/** Throws UserError where slipway does not renew, or does not rotate, what the cluster has. */
export function refuseCertificates(input: PlanInput, what: "renew" | "rotate"): void {
  const refusal = findCloudRefusal(input, what) ?? (what === "rotate" ? findRotationRefusal(input) : undefined);
  if (refusal) throw refusal;
}

function findCloudRefusal({ config }: PlanInput, what: "renew" | "rotate"): UserError | undefined {
  const { infrastructure, name } = config;
  if (!isManagedInfrastructure(infrastructure)) return undefined;
  const action = what === "renew" ? "issue certificates of" : "rotate the authorities of";
  return new UserError(`Cannot ${action} cluster ${name}: they are the cloud's (provider ${infrastructure.provider})`, {
    exitCode: exitCodes.config,
  });
}

function findRotationRefusal({ config, remote }: PlanInput): UserError | undefined {
  const care = remote?.distribution.certificates(config);
  if (!care || care.rotates) return undefined;
  const { insteadOfRotation } = care;
  return new UserError(
    `Cannot rotate the authorities of cluster ${config.name}: slipway does not do that for distribution ${remote!.distribution.name}`,
    { hints: insteadOfRotation === undefined ? [] : [insteadOfRotation], exitCode: exitCodes.config },
  );
}
