// CSIDriver: what a storage driver can do and what it wants to know.

import { child, duplicate, type FieldError, invalid, item, notSupported } from "../../field-error.ts";
import type { CSIDriver, CSIDriverSpec, StorageV1TokenRequest } from "../../generated/types.ts";
import { type Decoded, defineKind } from "../define-kind.ts";
import { immutableError, reportUnsupported } from "../report.ts";
import { noneCell } from "../table/cells.ts";
import { formatAge } from "../table/human-duration.ts";
import { deepEqual } from "../values/semantic-equal.ts";

type DecodedCSIDriver = Decoded<CSIDriver, "spec">;

const leastPeriod = 10;
const shortestToken = 600;
const longestToken = 2 ** 32;
const tokenWarning =
  "spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes";

export const csiDriver = defineKind<DecodedCSIDriver>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "CSIDriver",
  // Its generation counts changes from whatever it was made with.
  hasGeneration: false,
  allowUnconditionalUpdate: false,
  setDefaults: ({ spec }) => setDefaults(spec),
  prepareForCreate: ({ spec }) => dropDisabled(spec, undefined),
  prepareForUpdate: ({ metadata, spec }, old) => {
    dropDisabled(spec, old.spec);
    if (!deepEqual(spec, old.spec)) metadata.generation = (old.metadata.generation ?? 0) + 1;
  },
  validate: ({ spec }) => validateSpec(spec),
  validateUpdate: ({ spec }, old) => {
    const errors = validateSpec(spec);
    reportChange(spec, old.spec, "attachRequired", "spec.attachedRequired", errors);
    reportChange(spec, old.spec, "volumeLifecycleModes", "spec.volumeLifecycleModes", errors);
    return errors;
  },
  warnings: ({ spec }, old) => {
    const isNew = !old || !deepEqual(spec.tokenRequests ?? [], old.spec.tokenRequests ?? []);
    const isMeant = isNew && spec.tokenRequests?.length && spec.serviceAccountTokenInSecrets === undefined;
    return isMeant ? [tokenWarning] : [];
  },
  tableCells: ({ metadata, spec }, now) => ({
    cells: [
      metadata.name,
      spec.attachRequired ?? true,
      spec.podInfoOnMount ?? false,
      spec.storageCapacity ?? false,
      spec.tokenRequests ? spec.tokenRequests.map(({ audience }) => audience).join(",") : "<unset>",
      spec.requiresRepublish ?? false,
      (spec.volumeLifecycleModes ?? []).join(",") || noneCell,
      formatAge(metadata.creationTimestamp, now),
    ],
  }),
});

function setDefaults(spec: CSIDriverSpec): void {
  spec.attachRequired ??= true;
  spec.podInfoOnMount ??= false;
  spec.storageCapacity ??= false;
  spec.fsGroupPolicy ??= "ReadWriteOnceWithFSType";
  if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ["Persistent"];
  spec.requiresRepublish ??= false;
  spec.seLinuxMount ??= false;
}

/** VolumeLimitScaling is off. */
function dropDisabled(spec: CSIDriverSpec, old: CSIDriverSpec | undefined): void {
  if (old?.preventPodSchedulingIfMissing === undefined) delete spec.preventPodSchedulingIfMissing;
}

function validateSpec(spec: CSIDriverSpec): FieldError[] {
  const errors: FieldError[] = [];
  const { nodeAllocatableUpdatePeriodSeconds: period, serviceAccountTokenInSecrets, tokenRequests = [] } = spec;
  const policies = ["File", "None", "ReadWriteOnceWithFSType"];
  reportUnsupported(errors, "spec.fsGroupPolicy", spec.fsGroupPolicy, policies);
  validateTokens(tokenRequests, "spec.tokenRequests", errors);
  const modes = ["Persistent", "Ephemeral"];
  for (const mode of spec.volumeLifecycleModes ?? []) {
    if (!modes.includes(mode)) errors.push(notSupported("spec.volumeLifecycleModes", mode, modes));
  }
  if (period !== undefined && period < leastPeriod) {
    const why = `must be greater than or equal to ${leastPeriod} seconds`;
    errors.push(invalid("spec.nodeAllocatableUpdatePeriodSeconds", period, why));
  }
  if (serviceAccountTokenInSecrets !== undefined && tokenRequests.length === 0) {
    const why = "serviceAccountTokenInSecrets is set but no tokenRequests are specified";
    errors.push(invalid("spec.serviceAccountTokenInSecrets", serviceAccountTokenInSecrets, why));
  }
  return errors;
}

function validateTokens(requests: readonly StorageV1TokenRequest[], path: string, errors: FieldError[]): void {
  const known = new Set<string>();
  for (const [index, { audience, expirationSeconds }] of requests.entries()) {
    const field = child(item(path, index), "expirationSeconds");
    if (known.has(audience)) {
      errors.push(duplicate(child(item(path, index), "audience"), audience));
      continue;
    }
    known.add(audience);
    if (expirationSeconds === undefined) continue;
    if (expirationSeconds < shortestToken) {
      errors.push(invalid(field, expirationSeconds, "may not specify a duration less than 10 minutes"));
    }
    if (expirationSeconds > longestToken) {
      errors.push(invalid(field, expirationSeconds, "may not specify a duration larger than 2^32 seconds"));
    }
  }
}

/** Upstream calls the first of them by another name. */
function reportChange(
  spec: CSIDriverSpec,
  old: CSIDriverSpec,
  field: "attachRequired" | "volumeLifecycleModes",
  path: string,
  errors: FieldError[],
): void {
  if (!deepEqual(spec[field], old[field])) errors.push(invalid(path, spec[field], immutableError));
}
