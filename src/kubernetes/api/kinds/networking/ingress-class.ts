// IngressClass: names the controller that carries out Ingresses of the class.

import { child, type FieldError, forbiddenField, invalid, notSupported, required, tooLong } from "../../field-error.ts";
import type { IngressClass, IngressClassParametersReference, IngressClassSpec } from "../../generated/types.ts";
import { checkDNSLabelName } from "../../names.ts";
import { type Decoded, defineKind } from "../define-kind.ts";
import { validateDomainPrefixedPath } from "../metadata/domain-prefixed.ts";
import { immutableError, reportInvalid } from "../report.ts";
import { noneCell } from "../table/cells.ts";
import { formatAge } from "../table/human-duration.ts";
import { validateObjectReference } from "./object-reference.ts";

type DecodedIngressClass = Decoded<IngressClass, "spec">;

const defaultAnnotation = "ingressclass.kubernetes.io/is-default-class";
const longestController = 250;

export const ingressClass = defineKind<DecodedIngressClass>({
  group: "networking.k8s.io",
  version: "v1",
  kind: "IngressClass",
  metadataChecks: ["update", "object"],
  setDefaults: ({ spec: { parameters } }) => {
    if (parameters) parameters.scope ??= "Cluster";
  },
  validate: ({ spec }) => validateSpec(spec),
  validateUpdate: ({ spec }, old) => {
    const { controller = "" } = spec;
    const isChanged = controller !== (old.spec.controller ?? "");
    const errors = isChanged ? [invalid("spec.controller", controller, immutableError)] : [];
    return [...errors, ...validateSpec(spec)];
  },
  tableCells: ({ metadata, spec }, now) => ({
    cells: [
      metadata.annotations?.[defaultAnnotation] === "true" ? `${metadata.name} (default)` : metadata.name,
      spec.controller ?? "",
      formatParameters(spec.parameters),
      formatAge(metadata.creationTimestamp, now),
    ],
  }),
});

function validateSpec({ controller = "", parameters }: IngressClassSpec): FieldError[] {
  const errors: FieldError[] = [];
  const path = "spec.controller";
  if (Buffer.byteLength(controller) > longestController) errors.push(tooLong(path, longestController));
  validateDomainPrefixedPath(controller, path, errors);
  if (parameters) validateParameters(parameters, "spec.parameters", errors);
  return errors;
}

function validateParameters(reference: IngressClassParametersReference, path: string, errors: FieldError[]): void {
  validateObjectReference(reference, path, errors);
  const scope = reference.scope ?? undefined;
  const scopes = ["Cluster", "Namespace"];
  const scopePath = child(path, "scope");
  if (scope === undefined) errors.push(required(scopePath));
  else if (!scopes.includes(scope)) errors.push(notSupported(scopePath, scope, scopes));
  else validateNamespace(reference.namespace, scope, child(path, "namespace"), errors);
}

function validateNamespace(namespace: string | undefined, scope: string, path: string, errors: FieldError[]): void {
  if (scope === "Cluster") {
    if (namespace !== undefined) errors.push(forbiddenField(path, "`parameters.scope` is set to 'Cluster'"));
  } else if (namespace === undefined) errors.push(required(path, "`parameters.scope` is set to 'Namespace'"));
  else reportInvalid(errors, path, namespace, checkDNSLabelName(namespace, false));
}

function formatParameters(parameters: IngressClassParametersReference | undefined): string {
  if (!parameters) return noneCell;
  const { apiGroup, kind, name } = parameters;
  return apiGroup === undefined ? `${kind}/${name}` : `${kind}.${apiGroup}/${name}`;
}
