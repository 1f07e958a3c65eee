// Whether a webhook or policy is for a request: its selectors of namespaces and objects, and its rules, if need be by another
// version of the same resource.

import {
  type KubeObject,
  type LabelSelector,
  type NamedRuleWithOperations,
  notFound,
  resources,
  type Selector,
  selectorOf,
} from "#kubernetes/api";
import type { LiveObjects } from "../../live-objects.ts";
import type { ResourceTable } from "../../registry/resources/resource-table.ts";
import type { ServedResource } from "../../registry/resources/served-resource.ts";
import type { AdmissionRequest } from "../admission.ts";
import { matchesRule } from "./match-rules.ts";

/** As configured; absent selectors select everything. */
export interface CriteriaSpec {
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
  /** "Equivalent" (default) or "Exact". */
  readonly matchPolicy?: string;
  /** Absent: everything, as bindings of policies mean it. */
  readonly rules?: readonly NamedRuleWithOperations[] | undefined;
  readonly excludeRules?: readonly NamedRuleWithOperations[] | undefined;
}

/** The version of the resource that the rules named. */
export interface MatchedResource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  /** Absent: the request's own. */
  readonly other?: ServedResource;
}

export interface MatchTools {
  readonly objects: LiveObjects;
  readonly resources: () => ResourceTable;
}

export interface Criteria {
  /** Undefined: not for this request. Throws where a namespace that decides is missing. */
  match(request: AdmissionRequest, tools: MatchTools): Promise<MatchedResource | undefined>;
}

export function compileCriteria(spec: CriteriaSpec): Criteria {
  const namespaces = spec.namespaceSelector && selectorOf(spec.namespaceSelector);
  const objects = spec.objectSelector && selectorOf(spec.objectSelector);
  return {
    async match(request, tools) {
      const matched = matchRules(spec, request, tools.resources());
      if (!matched || !matchesObject(objects, request)) return undefined;
      return (await matchesNamespace(namespaces, request, tools)) ? matched : undefined;
    },
  };
}

function matchRules(
  { rules, excludeRules = [], matchPolicy }: CriteriaSpec,
  request: AdmissionRequest,
  table: ResourceTable,
): MatchedResource | undefined {
  const { group, version, resource } = request;
  const own: MatchedResource = { group, version, resource };
  let others: readonly MatchedResource[] | undefined;
  const find = (list: readonly NamedRuleWithOperations[]): MatchedResource | undefined => {
    const isNamed = (candidate: MatchedResource) =>
      list.some((rule) => matchesRule(rule, { ...request, ...candidate }));
    if (list.length === 0) return undefined;
    if (list.some((rule) => matchesRule(rule, request))) return own;
    if (matchPolicy === "Exact") return undefined;
    others ??= equivalents(request, table);
    return others.find(isNamed);
  };
  if (find(excludeRules)) return undefined;
  return rules ? find(rules) : own;
}

/** The other versions the resource is served in; events are so in two groups. */
function equivalents({ group, version, resource }: AdmissionRequest, table: ResourceTable): MatchedResource[] {
  const groups = resource === "events" && eventGroups.includes(group) ? eventGroups : [group];
  return groups.flatMap((name) =>
    (table.group(name)?.versions ?? []).flatMap((each) => {
      if (name === group && each.version === version) return [];
      const other = table.find(name, each.version, resource);
      return other ? [{ group: name, version: each.version, resource, other }] : [];
    }),
  );
}

const eventGroups = ["", "events.k8s.io"];

/** Either state of the object will do. */
function matchesObject(selector: Selector | undefined, { object, oldObject }: AdmissionRequest): boolean {
  if (!selector || selector.isEmpty) return true;
  const matches = (state: KubeObject | undefined) =>
    state?.metadata !== undefined && selector.matches(state.metadata.labels);
  return matches(object) || matches(oldObject);
}

async function matchesNamespace(
  selector: Selector | undefined,
  request: AdmissionRequest,
  { objects }: MatchTools,
): Promise<boolean> {
  if (!selector || selector.isEmpty) return true;
  const { group, resource, subresource, namespace, operation, object } = request;
  const isNamespace = group === "" && resource === "namespaces";
  if (namespace === "" && !isNamespace) return true;
  if (isNamespace && subresource === "" && (operation === "CREATE" || operation === "UPDATE")) {
    return selector.matches(object?.metadata.labels);
  }
  const found = await objects.get(resources.namespaces, { name: namespace });
  if (!found) throw notFound({ group: "", resource: "namespaces" }, namespace);
  return selector.matches(found.metadata.labels);
}
