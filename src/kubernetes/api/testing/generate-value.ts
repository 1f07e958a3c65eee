// Makes up values of a schema for fuzz tests: of the right types, in canonical form, as large and deep as asked.

import type { ScalarType, Schema } from "../schema.ts";
import { schemaOf } from "../types-table.ts";
import type { Random } from "./random.ts";

/** A value as the API might answer it. `depth` more levels of objects are filled; below only what is required. */
export function generateValue(schema: Schema, random: Random, depth: number): unknown {
  switch (schema.kind) {
    case "object":
      return generateObject(schema, random, depth);
    case "list":
      return Array.from({ length: random.below(depth > 0 ? 3 : 1) }, () =>
        generateValue(schema.items, random, depth - 1),
      );
    case "map":
      return Object.fromEntries(
        Array.from({ length: random.below(3) }, () => [
          `k${random.below(9)}`,
          generateValue(schema.values, random, depth - 1),
        ]),
      );
    case "any":
      return generateAny(schema.name, random, depth);
    case "scalar":
      return generateScalar(schema.type, random);
  }
}

function generateObject(schema: Schema & { kind: "object" }, random: Random, depth: number): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const field of schema.fields.values()) {
    if (field.required || (depth > 0 && random.chance(0.5))) {
      object[field.name] = generateValue(field.schema, random, depth - 1);
    }
  }
  return object;
}

function generateAny(name: string, random: Random, depth: number): unknown {
  const props = () => generateValue(schemaOf(name.replace(/Or(Array|Bool|StringArray)$/, "")), random, depth - 1);
  if (name.endsWith("OrBool")) return random.chance(0.5) ? props() : random.chance(0.5);
  if (name.endsWith("PropsOrArray")) return random.chance(0.5) ? props() : [props()];
  if (name.endsWith("OrStringArray")) return random.chance(0.5) ? props() : ["a", "b"];
  return random.pick([{ "f:a": {} }, { x: [1, "é", null, true] }, { big: 9007199254740993n }]);
}

function generateScalar(type: ScalarType, random: Random): unknown {
  switch (type) {
    case "string":
      return random.pick(["", "a", "é日😀", 'with "quotes" and \n', "x".repeat(random.below(200))]);
    case "boolean":
      return random.chance(0.5);
    case "int32":
      return random.pick([0, 1, -1, 80, 2 ** 31 - 1, -(2 ** 31)]);
    case "int64":
      return random.pick([0, 1, -1, 2 ** 40, -(2 ** 53) + 1, 2 ** 53 - 1]);
    case "double":
      return random.pick([0, 0.5, -1.25, 1e300]);
    case "bytes":
      return Buffer.from(Array.from({ length: random.below(20) }, () => random.below(256))).toString("base64");
    case "time":
      return random.pick(["2026-01-02T15:04:05Z", "1969-12-31T23:59:59Z"]);
    case "micro-time":
      return random.pick(["2026-01-02T15:04:05.123456Z", "1969-12-31T23:59:59.000001Z"]);
    case "quantity":
      return random.pick(["0", "100m", "1536Mi", "12e6", "-1"]);
    case "int-or-string":
      return random.pick([0, 80, -1, "http", "25%", ""]);
  }
}
