import assert from "node:assert/strict";
import { test } from "node:test";
import { differenceOf, parseChanges, summarize } from "./changes.ts";

const change = (address: string, actions: readonly string[], more: object = {}, resource: object = {}) => {
  const [, type, name, index] = /^(\w+)\.(\w+)(?:\["(.*)"\])?$/.exec(address)!;
  return { address, mode: "managed", type, name, index, change: { actions, ...more }, ...resource };
};

test("parseChanges: what is to be done to each resource, and the argument that is the reason", () => {
  const changes = parseChanges({
    resource_changes: [
      change("aws_vpc.cluster", ["no-op"]),
      { ...change("aws_ami.debian", ["read"]), mode: "data" },
      change('aws_instance.machine["demo-worker-1"]', ["update"], {
        before: { instance_type: "t3.large", id: "i-1", tags: { a: "b" } },
        after: { instance_type: "t3.xlarge", id: "i-1", tags: { a: "c" } },
      }),
      change('aws_instance.machine["demo-worker-2"]', ["delete", "create"], {
        before: { subnet_id: "subnet-1", ami: "a" },
        after: { ami: "b" },
        after_unknown: { subnet_id: true },
        replace_paths: [["subnet_id"]],
      }),
      change(
        'aws_instance.machine["demo-worker-3"]',
        ["create", "delete"],
        {},
        { action_reason: "replace_because_tainted" },
      ),
      change("aws_db.secret", ["update"], {
        before: { password: "old" },
        after: { password: "new" },
        before_sensitive: { password: true },
      }),
      change("aws_eip.nat", ["create"]),
      change("aws_eip.old", ["delete"]),
    ],
  });
  assert.deepEqual(
    changes.map(({ address, action, reason }) => `${address} ${action}: ${reason}`),
    [
      'aws_instance.machine["demo-worker-1"] in place: instance_type: t3.large → t3.xlarge, tags',
      'aws_instance.machine["demo-worker-2"] replace: subnet_id',
      'aws_instance.machine["demo-worker-3"] replace: was not made to its end',
      "aws_db.secret in place: password",
      "aws_eip.nat create: is not there",
      "aws_eip.old remove: is no longer wanted",
    ],
  );
  assert.equal(changes[0]!.key, "demo-worker-1");
});

test("differenceOf: a machine is made anew where its own resource is; all else happens in place", () => {
  const [machine, volume] = parseChanges({
    resource_changes: [
      change('x_server.machine["a"]', ["delete", "create"], {
        before: { zone: "a" },
        after: { zone: "b" },
        replace_paths: [["zone"]],
      }),
      change('x_volume.machine["a"]', ["delete", "create"], {
        before: { size: 1 },
        after: { size: 2 },
        replace_paths: [["size"]],
      }),
    ],
  });
  assert.deepEqual(differenceOf([machine!, volume!], "x_server"), { change: "replace", reason: "zone: a → b" });
  assert.deepEqual(differenceOf([volume!], "x_server"), {
    change: "in place",
    reason: 'x_volume.machine["a"]: size: 1 → 2',
  });
  assert.equal(differenceOf([], "x_server"), undefined);
});

test("summarize: names the first few", () => {
  const changes = parseChanges({
    resource_changes: ["a", "b", "c", "d", "e"].map((name) => change(`x_y.${name}`, ["create"])),
  });
  assert.equal(summarize(changes), "x_y.a: is not there; x_y.b: is not there; x_y.c: is not there; and 2 more");
});
