// PrioritySort: pods of higher priority first; of the same priority, who has waited longer.

import type { Plugin } from "../framework.ts";

export function createPrioritySort(): Plugin {
  return {
    name: "PrioritySort",
    isBefore: (a, b) =>
      a.info.priority > b.info.priority || (a.info.priority === b.info.priority && a.timestampMs < b.timestampMs),
  };
}
