// What plug-ins may look at besides the request.

import type { Clock } from "#shared";
import type { Authorizer } from "../../authorization/authorizer.ts";
import type { LiveObjects } from "../../live-objects.ts";
import type { ResourceTable } from "../../registry/resources/resource-table.ts";

export interface PluginContext {
  readonly objects: LiveObjects;
  readonly authorizer: Authorizer;
  readonly clock: Clock;
  readonly resources: () => ResourceTable;
}
