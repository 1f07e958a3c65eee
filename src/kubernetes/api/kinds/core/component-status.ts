// ComponentStatus: made by the server alone, so only its row is left to say.

import type { ComponentStatus } from "../../generated/types.ts";
import { defineKind } from "../define-kind.ts";

export const componentStatus = defineKind<ComponentStatus>({
  group: "",
  version: "v1",
  kind: "ComponentStatus",
  hasGeneration: false,
  tableCells: ({ metadata, conditions = [] }) => {
    const healthy = conditions.find((condition) => condition.type === "Healthy");
    const status = healthy === undefined ? "Unknown" : healthy.status === "True" ? "Healthy" : "Unhealthy";
    return { cells: [metadata.name, status, healthy?.message ?? "", healthy?.error ?? ""] };
  },
});
