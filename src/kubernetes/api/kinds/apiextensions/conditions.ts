// Conditions of CustomResourceDefinitions: found, and set.

import type { CustomResourceDefinition, CustomResourceDefinitionCondition } from "../../generated/types.ts";

export type DefinitionConditionType =
  | "Established"
  | "NamesAccepted"
  | "NonStructuralSchema"
  | "Terminating"
  | "KubernetesAPIApprovalPolicyConformant";

export function findDefinitionCondition(
  { status }: CustomResourceDefinition,
  type: DefinitionConditionType,
): CustomResourceDefinitionCondition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

export function isConditionTrue(definition: CustomResourceDefinition, type: DefinitionConditionType): boolean {
  return findDefinitionCondition(definition, type)?.status === "True";
}
