// What OpenTofu would change, read off its plan's JSON: per resource create, in place, replace or remove, and which argument is the
// reason. Pure.

import type { Difference } from "../provider.ts";
import { asArray, asObject, type JsonObject } from "./json.ts";

export interface ResourceChange {
  readonly address: string;
  readonly type: string;
  readonly name: string;
  /** A machine's name, where the resource is there once for each. */
  readonly key?: string;
  readonly action: "create" | "in place" | "replace" | "remove";
  readonly reason: string;
}

/** The changes of `tofu show -json PLAN`; what stays as it is is left out. */
export function parseChanges(plan: unknown): ResourceChange[] {
  return asArray(asObject(plan)["resource_changes"])
    .map(asObject)
    .filter(({ mode }) => mode === "managed")
    .flatMap((resource): ResourceChange[] => {
      const change = asObject(resource["change"]);
      const action = actionOf(asArray(change["actions"]));
      if (action === undefined) return [];
      const { address, type, name, index } = resource;
      return [
        {
          address: String(address),
          type: String(type),
          name: String(name),
          ...(typeof index === "string" && { key: index }),
          action,
          reason: reasonOf(action, resource, change),
        },
      ];
    });
}

function actionOf(actions: readonly unknown[]): ResourceChange["action"] | undefined {
  if (actions.length === 2) return "replace";
  const known: Readonly<Record<string, ResourceChange["action"]>> = {
    create: "create",
    update: "in place",
    delete: "remove",
  };
  return known[String(actions[0])];
}

function reasonOf(action: ResourceChange["action"], resource: JsonObject, change: JsonObject): string {
  if (action === "create") return "is not there";
  if (action === "remove") return "is no longer wanted";
  if (resource["action_reason"] === "replace_because_tainted") return "was not made to its end";
  const paths = asArray(change["replace_paths"]).map(asArray);
  const names = paths.length > 0 ? paths.map((path) => String(path[0])) : changedArguments(change);
  return [...new Set(names)].map((name) => describeArgument(name, change)).join(", ") || "differs";
}

function changedArguments(change: JsonObject): string[] {
  const [before, after] = [asObject(change["before"]), asObject(change["after"])];
  return Object.keys(after).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}

const longestValue = 40;

/** "instance_type: t3.large → t3.xlarge"; only the name of what is secret, long or known later. */
function describeArgument(name: string, change: JsonObject): string {
  const sides = ["before", "after"] as const;
  const isSecret = sides.some((side) => asObject(change[`${side}_sensitive`])[name] === true);
  const [before, after] = sides.map((side) => asObject(change[side])[name]);
  const texts = [before, after].map((value) => (typeof value === "string" ? value : JSON.stringify(value)));
  if (isSecret || after === undefined || texts.some((text = "") => text.length > longestValue || /^[[{]/.test(text)))
    return name;
  return `${name}: ${texts[0] ?? "none"} → ${texts[1]}`;
}

/** All that changes with a machine, as one difference: it is made anew where its own resource is. */
export function differenceOf(changes: readonly ResourceChange[], machineResource: string): Difference | undefined {
  const machine = changes.find(({ type, name }) => type === machineResource && name === "machine");
  const [first] = changes;
  if (!first) return undefined;
  if (machine?.action === "replace") return { change: "replace", reason: machine.reason };
  if (machine) return { change: "in place", reason: machine.reason };
  return { change: "in place", reason: summarize(changes) };
}

const mostNamed = 3;

/** "aws_lb.api_public: idle_timeout: 60 → 90; aws_eip.nat: is not there; and 2 more" */
export function summarize(changes: readonly ResourceChange[]): string {
  const named = changes.slice(0, mostNamed).map(({ address, reason }) => `${address}: ${reason}`);
  const others = changes.length - named.length;
  return [...named, ...(others > 0 ? [`and ${others} more`] : [])].join("; ");
}
