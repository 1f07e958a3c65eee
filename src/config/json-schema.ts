// The configuration's JSON Schema, for editors: what a person may write, with descriptions and defaults.

import { z } from "zod";
import { clusterConfigSchema } from "./cluster-config.ts";

/** JSON Schema (draft 2020-12) of a slipway.yaml. */
export function configJsonSchema(): object {
  return z.toJSONSchema(clusterConfigSchema, { io: "input" });
}
