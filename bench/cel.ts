// How fast expressions (CEL) are compiled and evaluated: `node bench/cel.ts`. Prints the time of one operation, the best of several
// rounds, since what disturbs a round only makes it longer.

import { type CelType, compile, createEnvironment, evaluate, fromJson, objectRulesOf, types } from "#kubernetes/cel";

const pod = {
  metadata: { name: "web-0", namespace: "default", labels: { app: "web", tier: "front" } },
  spec: {
    replicas: 3,
    containers: ["app", "sidecar", "proxy"].map((name) => ({
      name,
      image: `registry.example/${name}:1.2.3`,
      securityContext: { runAsNonRoot: true },
    })),
  },
};
const environment = createEnvironment({ variables: new Map<string, CelType>([["object", types.dyn]]) });
const value = fromJson(pod);
const find = () => value;

const expressions = {
  comparison: "object.spec.replicas <= 5",
  "label with a default": "object.metadata.labels[?'app'].orValue('') == 'web'",
  "all containers": "object.spec.containers.all(c, c.image.startsWith('registry.example/'))",
  "regular expression": "object.metadata.name.matches('^[a-z]+-[0-9]+$')",
  "nested lists":
    "object.spec.containers.map(c, object.spec.containers.filter(d, d.name != c.name).map(d, d.name).join(','))",
  "100 items": "lists.range(100).all(i, i * 2 >= i)",
};

for (const [what, expression] of Object.entries(expressions)) {
  const compiled = compile(expression, environment);
  if (!compiled.ok) throw new Error(compiled.message);
  measure(`compile: ${what}`, () => compile(expression, environment));
  measure(`evaluate: ${what}`, () => evaluate(compiled.program, find));
}

const rules = objectRulesOf({
  type: "object",
  properties: { min: { type: "integer" }, max: { type: "integer" }, names: stringList() },
  "x-kubernetes-validations": [
    { rule: "self.min <= self.max" },
    { rule: "self.names.all(n, n.size() < 20)" },
    { rule: "self.min >= oldSelf.min" },
  ],
});
const resource = { min: 1, max: 5, names: ["a", "b", "c", "d"] };
measure("rules of a custom resource: three, on an update", () => rules?.validate(resource, { ...resource }));

function stringList() {
  return { type: "array", maxItems: 10, items: { type: "string", maxLength: 20 } };
}

function measure(what: string, operation: () => unknown): void {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 15; round++) {
    const start = process.hrtime.bigint();
    for (let run = 0; run < 1_000; run++) operation();
    best = Math.min(best, Number(process.hrtime.bigint() - start) / 1_000);
  }
  console.log(`${what.padEnd(52)} ${(best / 1000).toFixed(1)} µs`);
}
