// What is wrong with an access review (upstream's pkg/apis/authorization/validation): it asks about one thing, says whom it is
// about, and has no metadata of its own.

import {
  child,
  type FieldError,
  type FieldSelectorAttributes,
  forbiddenField,
  invalid,
  item,
  type KubeObject,
  type LabelSelectorAttributes,
  type NonResourceAttributes,
  type ResourceAttributes,
  required,
  validateLabelName,
  validateLabelValues,
} from "#kubernetes/api";

interface AccessReviewSpec {
  readonly resourceAttributes?: ResourceAttributes;
  readonly nonResourceAttributes?: NonResourceAttributes;
  readonly user?: string;
  readonly groups?: readonly string[];
}

/** Everything wrong with a SubjectAccessReview, a SelfSubjectAccessReview or a LocalSubjectAccessReview, told by its kind. */
export function validateAccessReview(review: KubeObject): FieldError[] {
  const { kind, metadata, spec = {} } = review as KubeObject & { readonly spec?: AccessReviewSpec };
  const isLocal = kind === "LocalSubjectAccessReview";
  const errors = validateSpec(spec, kind !== "SelfSubjectAccessReview");
  const { managedFields: _, namespace, ...rest } = metadata;
  const own = isLocal || namespace === undefined ? rest : { ...rest, namespace };
  if (Object.keys(own).length > 0) {
    errors.push(invalid("metadata", metadata, isLocal ? "must be empty except for namespace" : "must be empty"));
  }
  if (!isLocal) return errors;
  const { resourceAttributes: asked, nonResourceAttributes: path } = spec;
  if (asked && (asked.namespace ?? "") !== (namespace ?? "")) {
    errors.push(invalid("spec.resourceAttributes.namespace", asked.namespace ?? "", "must match metadata.namespace"));
  }
  if (path) {
    errors.push(invalid("spec.nonResourceAttributes", internalPath(path), "disallowed on this kind of request"));
  }
  return errors;
}

function validateSpec(spec: AccessReviewSpec, hasSubject: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const { resourceAttributes: asked, nonResourceAttributes: path, user, groups } = spec;
  if (asked && path) {
    const why = "cannot be specified in combination with resourceAttributes";
    errors.push(invalid("spec.nonResourceAttributes", internalPath(path), why));
  }
  if (!asked && !path) {
    const why = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
    errors.push(invalid("spec.resourceAttributes", null, why));
  }
  if (hasSubject && !user && !groups?.length) {
    errors.push(invalid("spec.user", "", "at least one of user or group must be specified"));
  }
  if (asked) {
    validateSelector(asked.fieldSelector, "spec.resourceAttributes.fieldSelector", errors, validateFieldKey);
    validateSelector(asked.labelSelector, "spec.resourceAttributes.labelSelector", errors, validateLabelRequirement);
  }
  return errors;
}

/** As the error shows it: by the names of upstream's internal type. */
function internalPath({ path = "", verb = "" }: NonResourceAttributes): object {
  return { Path: path, Verb: verb };
}

type Selector = FieldSelectorAttributes | LabelSelectorAttributes;
type Requirement = NonNullable<Selector["requirements"]>[number];
type CheckRequirement = (requirement: Requirement, path: string, errors: FieldError[]) => void;

/** Operators that are not known are let through: clients may be newer than the server. */
function validateSelector(
  selector: Selector | undefined,
  path: string,
  errors: FieldError[],
  check: CheckRequirement,
): void {
  if (!selector) return;
  const { rawSelector = "", requirements = [] } = selector;
  if (rawSelector !== "" && requirements.length > 0) {
    const why = "may not specified at the same time as requirements";
    errors.push(invalid(child(path, "rawSelector"), rawSelector, why));
  }
  if (rawSelector === "" && requirements.length === 0) {
    const why = `when ${path} is specified, requirements or rawSelector is required`;
    errors.push(required(child(path, "requirements"), why));
  }
  for (const [index, requirement] of requirements.entries()) {
    check(requirement, item(child(path, "requirements"), index), errors);
  }
}

function validateFieldKey(requirement: Requirement, path: string, errors: FieldError[]): void {
  if (!requirement.key) errors.push(required(child(path, "key"), "must be specified"));
  validateCount(requirement, path, errors);
}

function validateLabelRequirement(requirement: Requirement, path: string, errors: FieldError[]): void {
  validateCount(requirement, path, errors);
  validateLabelName(requirement.key, child(path, "key"), errors);
  validateLabelValues(requirement.values ?? [], child(path, "values"), errors);
}

function validateCount({ operator, values = [] }: Requirement, path: string, errors: FieldError[]): void {
  if ((operator === "In" || operator === "NotIn") && values.length === 0) {
    errors.push(required(child(path, "values"), "must be specified when `operator` is 'In' or 'NotIn'"));
  }
  if ((operator === "Exists" || operator === "DoesNotExist") && values.length > 0) {
    const why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
    errors.push(forbiddenField(child(path, "values"), why));
  }
}
