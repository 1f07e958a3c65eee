// The flow schemas and priority levels that every server has and nobody may change: how requests pass when all else is gone.

import table from "../../generated/bootstrap-objects.json" with { type: "json" };
import type { FlowSchemaSpec, PriorityLevelConfigurationSpec } from "../../generated/types.ts";

interface Named {
  readonly metadata: { readonly name: string };
  readonly spec: unknown;
}

const mandatoryNames = ["catch-all", "exempt"];

export function mandatoryFlowSchema(name: string): FlowSchemaSpec | undefined {
  return find(table.flowSchemas, name) as FlowSchemaSpec | undefined;
}

export function mandatoryPriorityLevel(name: string): PriorityLevelConfigurationSpec | undefined {
  return find(table.priorityLevelConfigurations, name) as PriorityLevelConfigurationSpec | undefined;
}

function find(objects: readonly Named[], name: string): unknown {
  if (!mandatoryNames.includes(name)) return undefined;
  return objects.find(({ metadata }) => metadata.name === name)?.spec;
}
