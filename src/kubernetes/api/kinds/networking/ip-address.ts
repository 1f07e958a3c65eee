// IPAddress: says that an address of a service range is taken, and by what. Its name is the address.

import { type FieldError, invalid, required } from "../../field-error.ts";
import type { IPAddress, ParentReference } from "../../generated/types.ts";
import { validateIP } from "../../ip-validation.ts";
import { checkDNS1123Subdomain, checkPathSegmentName } from "../../names.ts";
import { formatGroupResource } from "../../status-error.ts";
import { type Decoded, defineKind } from "../define-kind.ts";
import { immutableError, reportInvalid } from "../report.ts";
import { noneCell } from "../table/cells.ts";
import { formatAge } from "../table/human-duration.ts";
import { internalForm } from "../values/internal-form.ts";
import { deepEqual } from "../values/semantic-equal.ts";
import { validateSegment } from "./object-reference.ts";

type DecodedIPAddress = Decoded<IPAddress, "spec">;

const path = "spec.parentRef";

export const ipAddress = defineKind<DecodedIPAddress>({
  group: "networking.k8s.io",
  version: "v1",
  kind: "IPAddress",
  metadataChecks: ["object", "update"],
  hasGeneration: false,
  validateName: (name) => validateIP("", name).map(({ body }) => detailOf(body)),
  validate: ({ spec }) => validateParent(spec.parentRef),
  validateUpdate: (object, old) => {
    const { parentRef } = object.spec;
    const errors = validateParent(parentRef);
    if (!deepEqual(parentRef, old.spec.parentRef)) {
      errors.push(invalid(path, internalForm("*ParentReference", parentRef) ?? undefined, immutableError));
    }
    return errors;
  },
  tableCells: ({ metadata, spec }, now) => ({
    cells: [metadata.name, formatParent(spec.parentRef), formatAge(metadata.creationTimestamp, now)],
  }),
});

/** What is left of `Invalid value: "x": detail`. */
function detailOf(body: string): string {
  return body.replace(/^Invalid value: "(?:[^"\\]|\\.)*": /, "");
}

function validateParent(parent: ParentReference | undefined): FieldError[] {
  const errors: FieldError[] = [];
  if (!parent) return [required(path)];
  const { group, resource = "", name = "", namespace } = parent;
  if (group) reportInvalid(errors, `${path}.group`, group, checkDNS1123Subdomain(group));
  validateSegment(resource, `${path}.resource`, errors);
  validateSegment(name, `${path}.name`, errors);
  if (namespace) reportInvalid(errors, `${path}.namespace`, namespace, checkPathSegmentName(namespace));
  return errors;
}

function formatParent(parent: ParentReference | undefined): string {
  if (!parent) return noneCell;
  const { group = "", resource = "", name = "", namespace } = parent;
  const what = formatGroupResource({ group, resource }).toLowerCase();
  return namespace ? `${what}/${namespace}/${name}` : `${what}/${name}`;
}
