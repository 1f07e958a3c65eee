// Which names a definition gets, and whether it is established: names that another definition of its group has taken first stay
// that one's (apiextensions' naming and establishing controllers).

import {
  approvalOf,
  type CustomResourceDefinition,
  type CustomResourceDefinitionCondition,
  type CustomResourceDefinitionNames,
  deepEqual,
  describeFieldError,
  findDefinitionCondition,
  findUnsupported,
  isProtectedGroup,
  quote,
  schemaOfVersion,
  validateCABundle,
  validateStructural,
} from "#kubernetes/api";

type Names = CustomResourceDefinitionNames;
type Condition = CustomResourceDefinitionCondition;
type Judgement = Pick<Condition, "type" | "status"> & { readonly reason: string; readonly message: string };

/** Names others of the group have. */
export interface TakenNames {
  readonly resources: Taken;
  readonly kinds: Taken;
}

interface Taken {
  has(name: string): boolean;
}

/** The definition with its status as it should be; the very same where it is so already. */
export function settleStatus(
  definition: CustomResourceDefinition,
  taken: TakenNames,
  now: string,
): CustomResourceDefinition {
  const { accepted, judgement } = judgeNames(definition, taken);
  const judgements = [
    judgement,
    judgeEstablished(definition, judgement),
    ...judgeSchema(definition),
    ...judgeApproval(definition),
  ];
  const before = definition.status?.conditions ?? [];
  const kept = before.filter(
    ({ type }) => type !== "NonStructuralSchema" || judgements.some((each) => each.type === type),
  );
  const conditions = judgements.reduce((list, each) => withCondition(list, each, now), kept);
  const isSame = deepEqual(conditions, before) && deepEqual(accepted, definition.status?.acceptedNames);
  if (isSame) return definition;
  return { ...definition, status: { ...definition.status, acceptedNames: accepted, conditions } as never };
}

/** A list with the condition set; one that says the same stays as it is. */
export function withCondition(conditions: readonly Condition[], wished: Judgement, now: string): Condition[] {
  const old = conditions.find(({ type }) => type === wished.type);
  const isSame = old && old.status === wished.status && old.reason === wished.reason && old.message === wished.message;
  if (isSame) return [...conditions];
  const since = old && old.status === wished.status ? old.lastTransitionTime : undefined;
  const condition: Condition = { ...old, ...wished, lastTransitionTime: since ?? now };
  return old ? conditions.map((each) => (each === old ? condition : each)) : [...conditions, condition];
}

function judgeNames(
  { spec, status }: CustomResourceDefinition,
  taken: TakenNames,
): { accepted: Names; judgement: Judgement } {
  const wished = spec.names;
  const had = status?.acceptedNames ?? { plural: "", kind: "" };
  const accepted: Names = { ...had };
  let conflict: Pick<Judgement, "reason" | "message"> | undefined;
  const settle = (name: "plural" | "singular" | "kind" | "listKind", used: Taken, reason: string) => {
    const value = wished[name] ?? "";
    if (value !== (had[name] ?? "") && used.has(value)) conflict = { reason, message: inUse(value) };
    else if (wished[name] !== undefined) accepted[name] = value;
  };
  settle("plural", taken.resources, "PluralConflict");
  settle("singular", taken.resources, "SingularConflict");
  const shortConflicts = (wished.shortNames ?? []).filter(
    (name) => !had.shortNames?.includes(name) && taken.resources.has(name),
  );
  if (shortConflicts.length > 0) {
    const texts = shortConflicts.map(inUse);
    conflict = { reason: "ShortNamesConflict", message: texts.length === 1 ? texts[0]! : `[${texts.join(", ")}]` };
  } else setOrDrop(accepted, "shortNames", wished.shortNames);
  settle("kind", taken.kinds, "KindConflict");
  settle("listKind", taken.kinds, "ListKindConflict");
  setOrDrop(accepted, "categories", wished.categories);
  const good = { reason: "NoConflicts", message: "no conflicts found" };
  const judgement = { type: "NamesAccepted", status: conflict ? "False" : "True", ...(conflict ?? good) } as const;
  return { accepted, judgement };
}

function setOrDrop(names: Names, field: "shortNames" | "categories", value: readonly string[] | undefined): void {
  if (value?.length) names[field] = [...value];
  else delete names[field];
}

function inUse(name: string): string {
  return `${quote(name)} is already in use`;
}

/** Once established, always established. */
function judgeEstablished(definition: CustomResourceDefinition, names: Judgement): Judgement {
  const old = findDefinitionCondition(definition, "Established");
  if (old?.status === "True") return old as Judgement;
  const type = "Established";
  if (names.status !== "True") {
    return (
      (old as Judgement) ?? { type, status: "False", reason: "NotAccepted", message: "not all names are accepted" }
    );
  }
  const bundle = definition.spec.conversion?.webhook?.clientConfig?.caBundle;
  if (bundle && validateCABundle(bundle, "").length > 0) {
    const message = "The conversion webhook CABundle is invalid";
    return { type, status: "False", reason: "InvalidCABundle", message };
  }
  return { type, status: "True", reason: "InitialNamesAccepted", message: "the initial names have been accepted" };
}

/** Definitions of old may have schemas that are not structural; those of today are not taken if they are not. */
function judgeSchema(definition: CustomResourceDefinition): Judgement[] {
  const { spec } = definition;
  if (!spec.preserveUnknownFields && !findDefinitionCondition(definition, "NonStructuralSchema")) return [];
  const problems: string[] = [];
  if (spec.preserveUnknownFields) problems.push("spec.preserveUnknownFields: Invalid value: true: must be false");
  const type = "NonStructuralSchema";
  for (const [index, version] of spec.versions.entries()) {
    const schema = schemaOfVersion(version);
    if (!schema) continue;
    const unsupported = findUnsupported(schema);
    if (unsupported !== undefined) {
      const message = `failed to check validation schema for version ${version.name}: ${unsupported}`;
      return [{ type, status: "Unknown", reason: "StructuralError", message }];
    }
    const errors = validateStructural(schema, `spec.versions[${index}].schema.openAPIV3Schema`);
    problems.push(...errors.map(describeFieldError));
  }
  if (problems.length === 0) return [];
  const message = problems.length === 1 ? problems[0]! : `[${problems.join(", ")}]`;
  return [{ type, status: "True", reason: "Violations", message }];
}

const approvalReasons = {
  missing: "MissingAnnotation",
  bypassed: "UnapprovedAnnotation",
  approved: "ApprovedAnnotation",
  invalid: "InvalidAnnotation",
} as const;

function judgeApproval(definition: CustomResourceDefinition): Judgement[] {
  if (!isProtectedGroup(definition.spec.group)) return [];
  const { state, reason: message } = approvalOf(definition);
  const status = state === "approved" ? "True" : "False";
  return [{ type: "KubernetesAPIApprovalPolicyConformant", status, reason: approvalReasons[state], message }];
}
