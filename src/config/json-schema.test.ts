import assert from "node:assert/strict";
import { test } from "node:test";
import { configJsonSchema } from "./json-schema.ts";

test("configJsonSchema: describes every field a person may write and asks for two only", () => {
  const schema = configJsonSchema() as {
    required: string[];
    properties: Record<string, { description?: string }>;
    additionalProperties: boolean;
  };
  assert.deepEqual(schema.required, ["apiVersion", "kind"]);
  assert.equal(schema.additionalProperties, false);
  for (const [name, field] of Object.entries(schema.properties)) {
    if (name !== "apiVersion" && name !== "kind") assert.ok(field.description, `${name} has no description`);
  }
});
