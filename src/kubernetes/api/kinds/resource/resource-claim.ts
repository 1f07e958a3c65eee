// ResourceClaim: asks for devices. What it asks for never changes; its status says what it got.

import { type FieldError, invalid } from "../../field-error.ts";
import type { ResourceV1ResourceClaim } from "../../generated/types.ts";
import { bareContext } from "../check-context.ts";
import { type Decoded, defineKind } from "../define-kind.ts";
import { keepMetadata } from "../metadata/keep-metadata.ts";
import { immutableError } from "../report.ts";
import { formatAge } from "../table/human-duration.ts";
import { internalForm } from "../values/internal-form.ts";
import { deepEqual } from "../values/semantic-equal.ts";
import { deviceKey, validateClaimStatusUpdate } from "./validate-claim-status.ts";
import { setDeviceClaimDefaults, setTolerationDefaults, validateDeviceClaim } from "./validate-device-claim.ts";

export type DecodedClaim = Decoded<ResourceV1ResourceClaim, "spec" | "status">;

export const resourceClaim = defineKind<DecodedClaim>({
  group: "resource.k8s.io",
  version: "v1",
  kind: "ResourceClaim",
  metadataChecks: ["object", "update"],
  hasGeneration: false,
  setDefaults: ({ spec, status }) => {
    setDeviceClaimDefaults(spec.devices ?? {});
    for (const { tolerations } of status.allocation?.devices?.results ?? []) setTolerationDefaults(tolerations);
  },
  prepareForCreate: (object) => {
    object.status = {};
  },
  prepareForUpdate: (object, old) => {
    object.status = old.status;
  },
  prepareForStatusUpdate: (object, old) => {
    object.spec = old.spec;
    keepMetadata(object.metadata, old.metadata);
    dropDeallocated(object, old);
  },
  validate: ({ spec }, { expressionErrors } = bareContext) => {
    const errors: FieldError[] = [];
    validateDeviceClaim(spec.devices ?? {}, "spec.devices", errors, expressionErrors);
    return errors;
  },
  validateUpdate: ({ spec }, old) =>
    deepEqual(spec, old.spec) ? [] : [invalid("spec", internalForm("ResourceClaimSpec", spec), immutableError)],
  validateStatusUpdate: validateClaimStatusUpdate,
  tableCells: (object, now) => ({
    cells: [object.metadata.name, describeState(object), formatAge(object.metadata.creationTimestamp, now)],
  }),
});

/** What drivers said of devices the claim has no more. */
function dropDeallocated({ status }: DecodedClaim, old: DecodedClaim): void {
  if (!status.devices) return;
  const keysOf = ({ allocation }: DecodedClaim["status"]): Set<string> =>
    new Set((allocation?.devices?.results ?? []).map((result) => JSON.stringify(deviceKey(result))));
  const [before, now] = [keysOf(old.status), keysOf(status)];
  const kept = status.devices.filter((device) => {
    const key = JSON.stringify(deviceKey(device));
    return !before.has(key) || now.has(key);
  });
  if (kept.length > 0) status.devices = kept;
  else delete status.devices;
}

function describeState({ metadata, status }: DecodedClaim): string {
  const states: string[] = [];
  if (metadata.deletionTimestamp) states.push("deleted");
  if (status.allocation) states.push("allocated");
  else if (!metadata.deletionTimestamp) states.push("pending");
  if (status.allocation && status.reservedFor?.length) states.push("reserved");
  return states.join(",");
}
