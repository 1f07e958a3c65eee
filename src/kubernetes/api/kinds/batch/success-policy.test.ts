import { type ErrorRow, type Input, testCreateErrors } from "../testing/kind-rows.ts";

const template = { spec: { containers: [{ name: "c", image: "i" }], restartPolicy: "Never" } };

const rows: readonly ErrorRow<Input>[] = [
  ["a sound policy", { completions: 2, successPolicy: { rules: [{ succeededCount: 1 }] } }, []],
  [
    "no rules, nor completions",
    { parallelism: 1, successPolicy: {} },
    [
      "spec.completions: Required value: when completion mode is Indexed",
      "spec.successPolicy.rules: Required value: at least one rules must be specified when the successPolicy is specified",
    ],
  ],
];

const metadata = { name: "j", uid: "u" };
const indexed = { template, completionMode: "Indexed" };

testCreateErrors("successPolicy", "Job.v1.batch", (spec) => ({ metadata, spec: { ...indexed, ...spec } }), rows);
