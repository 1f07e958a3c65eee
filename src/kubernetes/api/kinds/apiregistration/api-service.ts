// APIService: which server answers for one version of one group.

import { type FieldError, invalid, item, notSupported, quote, required } from "../../field-error.ts";
import type { APIService, APIServiceSpec } from "../../generated/types.ts";
import { checkDNS1035Label, checkDNS1123Subdomain, checkPathSegmentName, checkPortNumber } from "../../names.ts";
import { type Decoded, defineKind } from "../define-kind.ts";
import { keepMetadata } from "../metadata/keep-metadata.ts";
import { reportInvalid } from "../report.ts";
import { formatAge } from "../table/human-duration.ts";

export type DecodedAPIService = Decoded<APIService, "spec" | "status">;

const highestGroupPriority = 20_000;
const highestVersionPriority = 1000;

export const apiService = defineKind<DecodedAPIService>({
  group: "apiregistration.k8s.io",
  version: "v1",
  kind: "APIService",
  metadataChecks: ["update", "object"],
  hasGeneration: false,
  allowUnconditionalUpdate: false,
  standardFinalizers: false,
  validateName: checkServiceName,
  setDefaults: ({ spec: { service } }) => {
    if (service) service.port ??= 443;
  },
  prepareForCreate: (object, now) => {
    object.status = {};
    if (!object.spec.service) object.status.conditions = [localCondition(now)];
  },
  prepareForUpdate: (object, old) => {
    object.status = old.status;
  },
  prepareForStatusUpdate: (object, old) => {
    object.spec = old.spec;
    keepMetadata(object.metadata, old.metadata);
  },
  validate,
  validateUpdate: validate,
  validateStatusUpdate: ({ status }) => validateStatus(status),
  tableCells: ({ metadata, spec, status }, now) => ({
    cells: [
      metadata.name,
      spec.service ? `${spec.service.namespace ?? ""}/${spec.service.name ?? ""}` : "Local",
      describeAvailability(status),
      formatAge(metadata.creationTimestamp, now),
    ],
  }),
});

function localCondition(now: number) {
  return {
    type: "Available",
    status: "True",
    lastTransitionTime: new Date(now).toISOString().replace(/\.\d+Z$/, "Z"),
    reason: "Local",
    message: "Local APIServices are always available",
  };
}

/** A prefix (generateName) is held to the same rule: nothing can be generated. */
function checkServiceName(name: string, _isPrefix: boolean, { spec }: DecodedAPIService): string[] {
  const problems = checkPathSegmentName(name);
  const wanted = `${spec.version ?? ""}.${spec.group ?? ""}`;
  if (problems.length > 0 || name === wanted) return problems;
  return [`must be \`spec.version+"."+spec.group\`: ${quote(wanted)}`];
}

function validate({ spec }: DecodedAPIService): FieldError[] {
  const errors: FieldError[] = [];
  const { group = "", version = "" } = spec;
  if (group === "" && version !== "v1") {
    errors.push(required("spec.group", "only v1 may have an empty group and it better be legacy kube"));
  }
  if (group !== "") reportInvalid(errors, "spec.group", group, checkDNS1123Subdomain(group));
  reportInvalid(errors, "spec.version", version, checkDNS1035Label(version));
  validatePriority(spec, "groupPriorityMinimum", highestGroupPriority, errors);
  validatePriority(spec, "versionPriority", highestVersionPriority, errors);
  if (spec.service) validateService(spec, errors);
  else validateLocal(spec, errors);
  return errors;
}

function validatePriority(
  spec: APIServiceSpec,
  field: "groupPriorityMinimum" | "versionPriority",
  most: number,
  errors: FieldError[],
): void {
  const value = spec[field];
  if (value > 0 && value <= most) return;
  errors.push(invalid(`spec.${field}`, value, `must be positive and less than ${most}`));
}

function validateLocal({ caBundle, insecureSkipTLSVerify }: APIServiceSpec, errors: FieldError[]): void {
  if (caBundle) {
    const shown = `${Buffer.from(caBundle, "base64").length} bytes`;
    errors.push(invalid("spec.caBundle", shown, "local APIServices may not have a caBundle"));
  }
  if (insecureSkipTLSVerify) {
    const why = "local APIServices may not have insecureSkipTLSVerify";
    errors.push(invalid("spec.insecureSkipTLSVerify", true, why));
  }
}

function validateService({ service, insecureSkipTLSVerify, caBundle }: APIServiceSpec, errors: FieldError[]): void {
  const { namespace, name, port = 0 } = service!;
  if (!namespace) errors.push(required("spec.service.namespace"));
  if (!name) errors.push(required("spec.service.name"));
  const problems = checkPortNumber(port);
  if (problems.length > 0) {
    errors.push(invalid("spec.service.port", port, `port is not valid: ${problems.join(", ")}`));
  }
  if (insecureSkipTLSVerify && caBundle) {
    errors.push(invalid("spec.insecureSkipTLSVerify", true, "may not be true if caBundle is present"));
  }
}

function validateStatus({ conditions = [] }: DecodedAPIService["status"]): FieldError[] {
  const statuses = ["True", "False", "Unknown"];
  return conditions.flatMap(({ status }, index) =>
    statuses.includes(status) ? [] : [notSupported(`${item("status.conditions", index)}.status`, status, statuses)],
  );
}

function describeAvailability({ conditions = [] }: DecodedAPIService["status"]): string {
  const condition = conditions.find(({ type }) => type === "Available");
  if (!condition) return "Unknown";
  const { status, reason } = condition;
  return status === "True" || !reason ? status : `${status} (${reason})`;
}
