import assert from "node:assert/strict";
import { test } from "node:test";
import { kindSchema, type OpenApiDocument } from "./kind-schema.ts";

const thing = { group: "g", version: "v1", kind: "Thing" };
const refer = (name: string) => ({ $ref: `#/components/schemas/${name}` });

const document: OpenApiDocument = {
  components: {
    schemas: {
      Thing: {
        type: "object",
        properties: {
          spec: { default: {}, allOf: [refer("Spec")] },
          port: refer("Port"),
          parent: refer("Thing"),
          known: { type: "object", additionalProperties: refer("Spec") },
        },
        "x-kubernetes-group-version-kind": [thing],
      },
      Spec: { type: "object", properties: { items: { type: "array", items: refer("Spec") } } },
      Port: { format: "int-or-string" },
    },
  },
};

test("kindSchema: references become what they refer to, until they lead back", () => {
  const spec = { type: "object", properties: { items: { type: "array", items: { type: "object" } } } };
  const { properties } = kindSchema(document, thing)!;
  assert.deepEqual(properties, {
    spec,
    port: { format: "int-or-string", "x-kubernetes-int-or-string": true },
    parent: { type: "object" },
    known: { type: "object", additionalProperties: spec },
  });
});

test("kindSchema: nothing of a kind the document does not describe", () => {
  assert.equal(kindSchema(document, { ...thing, version: "v2" }), undefined);
});
