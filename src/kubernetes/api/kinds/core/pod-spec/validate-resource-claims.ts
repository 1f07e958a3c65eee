// Claims of devices a pod has, which its containers refer to by name.

import { child, duplicate, type FieldError, forbiddenField, invalid, item, required } from "../../../field-error.ts";
import type { PodResourceClaim } from "../../../generated/types.ts";
import { checkDNS1123Label, checkDNSSubdomainName } from "../../../names.ts";
import { reportInvalid } from "../../report.ts";
import { internalForm } from "../../values/internal-form.ts";

export interface ClaimRules {
  /** The pod is shown for what a kubelet runs from files, which can have no claims. */
  readonly isMirror: boolean;
}

export function validateResourceClaims(
  claims: readonly PodResourceClaim[],
  path: string,
  errors: FieldError[],
  { isMirror }: ClaimRules,
): void {
  const names = new Set<string>();
  for (const [index, claim] of claims.entries()) {
    if (isMirror) errors.push(forbiddenField("[]", "static pods do not support resource claims"));
    else validateClaim(claim, item(path, index), errors, names);
  }
}

function validateClaim(claim: PodResourceClaim, path: string, errors: FieldError[], names: Set<string>): void {
  const { name, resourceClaimName: object, resourceClaimTemplateName: template } = claim;
  const namePath = child(path, "name");
  if (!name) errors.push(required(namePath));
  else if (names.has(name)) errors.push(duplicate(namePath, name));
  else {
    reportInvalid(errors, namePath, name, checkDNS1123Label(name));
    names.add(name);
  }
  if (object !== undefined && template !== undefined) {
    reportClaim(claim, "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified");
  }
  if (object === undefined && template === undefined) {
    reportClaim(claim, "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`");
  }
  for (const field of ["resourceClaimName", "resourceClaimTemplateName"] as const) {
    const value = claim[field];
    if (value !== undefined) reportInvalid(errors, child(path, field), value, checkDNSSubdomainName(value, false));
  }

  function reportClaim(shown: PodResourceClaim, why: string): void {
    errors.push(invalid(path, internalForm("PodResourceClaim", shown), why));
  }
}
