// Match conditions of authorization webhooks: expressions over what is asked for, so that a webhook hears only what is its business.

import type { SubjectAccessReviewSpec } from "#kubernetes/api";
import {
  type CelType,
  compile,
  createEnvironment,
  evaluate,
  fromJson,
  isError,
  listType,
  mapType,
  objectType,
  type Program,
  types,
} from "#kubernetes/cel";

const { string } = types;
const texts = listType(string);
const specType = objectType("kubernetes.SubjectAccessReviewSpec");
const resourceType = objectType("kubernetes.ResourceAttributes");
const pathType = objectType("kubernetes.NonResourceAttributes");
const fieldsType = objectType("kubernetes.FieldSelectorAttributes");
const labelsType = objectType("kubernetes.LabelSelectorAttributes");
const requirementType = objectType("kubernetes.SelectorRequirement");

type Fields = Readonly<Record<string, CelType>>;

const selector: Fields = { rawSelector: string, requirements: listType(requirementType) };

const fieldsOf: ReadonlyMap<string, Fields> = new Map<string, Fields>([
  [
    specType.name,
    {
      resourceAttributes: resourceType,
      nonResourceAttributes: pathType,
      user: string,
      groups: texts,
      extra: mapType(string, texts),
      uid: string,
    },
  ],
  [
    resourceType.name,
    {
      namespace: string,
      verb: string,
      group: string,
      version: string,
      resource: string,
      subresource: string,
      name: string,
      fieldSelector: fieldsType,
      labelSelector: labelsType,
    },
  ],
  [pathType.name, { path: string, verb: string }],
  [fieldsType.name, selector],
  [labelsType.name, selector],
  [requirementType.name, { key: string, operator: string, values: texts }],
]);

const environment = createEnvironment({
  variables: new Map([["request", specType]]),
  types: {
    findType: (name) => (fieldsOf.has(name) ? objectType(name) : undefined),
    findField(name, field) {
      const fields = fieldsOf.get(name);
      return fields && Object.hasOwn(fields, field) ? fields[field] : undefined;
    },
  },
});

export interface ReviewCondition {
  readonly expression: string;
  readonly program: Program;
}

/** The problem is told in upstream's words. */
export function compileReviewCondition(expression: string): ReviewCondition | { readonly problem: string } {
  const result = compile(expression, environment);
  if (!result.ok) return { problem: `compilation failed: ${result.message}` };
  const { program } = result;
  if (program.type !== types.bool) return { problem: `must evaluate to bool but got ${program.type}` };
  return { expression, program };
}

/** Whether all hold; one that does not decides. Throws an Error where one cannot be evaluated and none says no. */
export function meetsConditions(conditions: readonly ReviewCondition[], spec: SubjectAccessReviewSpec): boolean {
  const request = fromJson(asRequest(spec));
  const problems: string[] = [];
  for (const { expression, program } of conditions) {
    const { value } = evaluate(program, (name) => (name === "request" ? request : undefined));
    if (value === false) return false;
    if (isError(value)) {
      problems.push(`cel evaluation error: expression '${expression}' resulted in error: ${value.message}`);
    }
  }
  if (problems.length === 0) return true;
  throw new Error(problems.length === 1 ? problems[0] : `[${problems.join(", ")}]`);
}

const noAttributes = { namespace: "", verb: "", group: "", version: "", resource: "", subresource: "", name: "" };

/** Texts are there, if empty. */
function asRequest({ user = "", groups = [], uid = "", extra = {}, ...rest }: SubjectAccessReviewSpec): object {
  const { resourceAttributes, nonResourceAttributes } = rest;
  return {
    user,
    groups,
    uid,
    extra,
    ...(resourceAttributes && { resourceAttributes: { ...noAttributes, ...resourceAttributes } }),
    ...(nonResourceAttributes && { nonResourceAttributes }),
  };
}
