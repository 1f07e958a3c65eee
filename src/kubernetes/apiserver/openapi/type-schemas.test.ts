import assert from "node:assert/strict";
import { test } from "node:test";
import { builtInResources, typeNameOfKind } from "#kubernetes/api";
import { describeType } from "./descriptions/kinds.ts";
import { collectTypes } from "./type-schemas.ts";

type Properties = Record<string, { enum?: string[]; description?: string; items?: { enum?: string[] } }>;

function propertiesOf(type: string): Properties {
  return collectTypes([type], "v3")[type]!["properties"] as Properties;
}

test("collectTypes: what a field is limited to is said, of lists of their items", () => {
  assert.deepEqual(propertiesOf("io.k8s.api.core.v1.PodSpec")["restartPolicy"]!.enum, ["Always", "Never", "OnFailure"]);
  const rule = propertiesOf("io.k8s.api.admissionregistration.v1.RuleWithOperations");
  assert.ok(rule["operations"]!.items!.enum!.includes("CREATE"));
});

test("collectTypes: kinds, their parts and common fields are described", () => {
  const pod = "io.k8s.api.core.v1.Pod";
  const types = collectTypes([pod], "v2");
  assert.match(types[pod]!["description"] as string, /^Containers that run together/);
  assert.equal(types["io.k8s.api.core.v1.PodSpec"]!["description"], "What is wanted of the Pod.");
  assert.ok((types[pod]!["properties"] as Properties)["metadata"]!.description);
});

test("describeType: every kind that is served has words", () => {
  const silent = builtInResources.filter(
    ({ group, version, kind }) => describeType(typeNameOfKind(group, version, kind)!) === undefined,
  );
  assert.deepEqual(silent, []);
});
