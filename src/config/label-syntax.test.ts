import assert from "node:assert/strict";
import { test } from "node:test";
import { checkConfig } from "./check-config.ts";
import { configApiVersion } from "./cluster-config.ts";
import { isLabelKey, isLabelValue } from "./label-syntax.ts";

test("isLabelKey, isLabelValue: Kubernetes' rules", () => {
  const [most, tooMuch] = ["a".repeat(63), "a".repeat(64)];
  for (const key of ["tier", "a", "A.b_c-9", "example.com/tier", "node-role.kubernetes.io/worker", most])
    assert.ok(isLabelKey(key), key);
  const expression = "${file(1)}";
  for (const key of ["", "/", "a/", "/a", "a/b/c", "-a", "a-", "a b", "Example.com/a", "a..b/c", tooMuch, expression])
    assert.ok(!isLabelKey(key), key);
  assert.ok(isLabelKey(`${"a".repeat(253)}/a`) && !isLabelKey(`${"a".repeat(254)}/a`));
  for (const value of ["", "x", "1.2_3-4", most]) assert.ok(isLabelValue(value), value);
  for (const value of ["a/b", ".a", "a b", tooMuch, expression]) assert.ok(!isLabelValue(value), value);
});

test("checkConfig: labels and taints that no node can have, each at its place", () => {
  const { config, ...rest } = checkConfig({
    apiVersion: configApiVersion,
    kind: "Cluster",
    controlPlane: { labels: { "a b": "x" } },
    workers: [
      {
        labels: { tier: "${file(1)}" },
        taints: [
          { key: "${a}", effect: "NoSchedule" },
          { key: "batch", value: "a/b", effect: "NoSchedule" },
        ],
      },
    ],
  });
  assert.ok(config === undefined && "problems" in rest);
  const letters = "63 letters, digits, '-', '_' and '.', a letter or digit first and last";
  const key = `must be a name of at most ${letters}, such as "tier", or one behind a domain, such as "example.com/tier"`;
  const value = `must be empty or at most ${letters}`;
  assert.deepEqual(
    rest.problems.map(({ path, message }) => `${path.join(".")}: ${message}`),
    [
      `controlPlane.labels.a b: ${key}, not "a b"`,
      `workers.0.labels.tier: ${value}, not "$\{file(1)}"`,
      `workers.0.taints.0.key: ${key}, not "$\{a}"`,
      `workers.0.taints.1.value: ${value}, not "a/b"`,
    ],
  );
  assert.deepEqual(
    rest.problems.map(({ atKey = false }) => atKey),
    [true, false, false, false],
  );
});
