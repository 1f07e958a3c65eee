// ServiceCIDR: a range (one per address family) that services get their addresses from.

import { type FieldError, invalid, item, required } from "../../field-error.ts";
import type { ServiceCIDR } from "../../generated/types.ts";
import { parseCIDRSloppy } from "../../ip.ts";
import { validateCIDR } from "../../ip-validation.ts";
import { type Decoded, defineKind } from "../define-kind.ts";
import { keepMetadata } from "../metadata/keep-metadata.ts";
import { immutableError } from "../report.ts";
import { formatAge } from "../table/human-duration.ts";
import { internalForm } from "../values/internal-form.ts";

type DecodedServiceCIDR = Decoded<ServiceCIDR, "spec" | "status">;

const path = "spec.cidrs";

export const serviceCIDR = defineKind<DecodedServiceCIDR>({
  group: "networking.k8s.io",
  version: "v1",
  kind: "ServiceCIDR",
  hasGeneration: false,
  prepareForCreate: (object) => {
    object.status = {};
  },
  prepareForUpdate: (object, old) => {
    object.status = old.status;
  },
  prepareForStatusUpdate: (object, old) => {
    object.spec = old.spec;
    keepMetadata(object.metadata, old.metadata);
  },
  validate: ({ spec }) => validateCIDRs(spec),
  validateUpdate,
  tableCells: ({ metadata, spec }, now) => ({
    cells: [metadata.name, (spec.cidrs ?? []).join(","), formatAge(metadata.creationTimestamp, now)],
  }),
});

function validateCIDRs(spec: DecodedServiceCIDR["spec"]): FieldError[] {
  const { cidrs = [] } = spec;
  if (cidrs.length === 0) return [required(path, "at least one CIDR required")];
  if (cidrs.length > 2) {
    return [invalid(path, internalForm("ServiceCIDRSpec", spec), "may only hold up to 2 values")];
  }
  const errors = cidrs.flatMap((cidr, index) => validateCIDR(item(path, index), cidr));
  const [family, otherFamily] = cidrs.map((cidr) => parseCIDRSloppy(cidr)?.range.family);
  if (family !== undefined && family === otherFamily) {
    const why = "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64";
    errors.push(invalid(path, cidrs, why));
  }
  return errors;
}

/** A second family may be added; nothing else changes. */
function validateUpdate({ spec }: DecodedServiceCIDR, old: DecodedServiceCIDR): FieldError[] {
  const { cidrs = [] } = spec;
  const oldCIDRs = old.spec.cidrs ?? [];
  const isSecondAdded = oldCIDRs.length === 1 && cidrs.length === 2;
  if (oldCIDRs.length !== cidrs.length && !isSecondAdded) return [invalid(path, spec.cidrs, immutableError)];
  const errors = oldCIDRs.flatMap((cidr, index) =>
    cidr === cidrs[index] ? [] : [invalid(item(path, index), cidrs[index], immutableError)],
  );
  return isSecondAdded ? [...errors, ...validateCIDRs(spec)] : errors;
}
