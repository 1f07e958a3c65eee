import assert from "node:assert/strict";
import { test } from "node:test";
import { resolveConfig } from "#config";
import { aws } from "../aws/provider.ts";
import { cloudInput } from "./cloud.ts";
import { compareFiles, previewCluster } from "./preview.ts";
import { parseState } from "./state.ts";
import type { Workspace } from "./workspace.ts";

const spec = (name: string) => ({ name, role: "worker" as const, pool: "worker" });

function input(state: object, before: object = {}) {
  const configOf = (workers: object) =>
    resolveConfig({ infrastructure: { provider: "aws", region: "eu-central-1", workers } });
  const specs = [spec("dev-worker-1"), spec("dev-worker-2")];
  const wished = cloudInput(configOf({ type: "m7i.large" }), specs).machines;
  const stored = cloudInput(configOf({ type: "m7i.large", ...before }), specs).machines;
  return {
    cloud: aws,
    workspace: {
      preview: async () => {
        throw new Error("nobody is there");
      },
    } as unknown as Workspace,
    state: parseState(JSON.stringify({ version: 4, ...state })),
    files: {
      "x.tf.json": {
        "//": "",
        resource: { aws_instance: { machine: {} }, aws_vpc: { cluster: {} }, aws_eip: { nat: {} } },
      },
    },
    wished,
    stored: new Map(stored.map((machine) => [machine.name, machine])),
  };
}

const made = (type: string, name: string, ...instances: object[]) => {
  return { mode: "managed", type, name, instances: instances.length > 0 ? instances : [{}] };
};

test("compareFiles: from nothing, everything is to be made", () => {
  assert.deepEqual(
    compareFiles(input({ resources: [] })).map(({ address, action }) => `${action} ${address}`),
    [
      "create aws_vpc.cluster",
      "create aws_eip.nat",
      'create aws_instance.machine["dev-worker-1"]',
      'create aws_instance.machine["dev-worker-2"]',
    ],
  );
});

test("previewCluster: where the cloud does not answer, against the last files; and it says so", async () => {
  const machine = (name: string, more: object = {}) => ({ index_key: name, ...more });
  const resources = [
    made("aws_vpc", "cluster"),
    made("aws_key_pair", "old"),
    made("aws_instance", "machine", machine("dev-worker-1"), machine("dev-worker-2", { status: "tainted" })),
  ];
  const { changes, notAsked } = await previewCluster(
    input({ resources }, { type: "t3.large", zones: ["b"] }),
    new AbortController().signal,
  );
  assert.equal(notAsked, "nobody is there");
  assert.deepEqual(
    changes.map(({ address, action, reason }) => `${action} ${address}: ${reason}`),
    [
      "create aws_eip.nat: is not there",
      "remove aws_key_pair.old: is no longer wanted",
      'replace aws_instance.machine["dev-worker-1"]: zone: b → a, type: t3.large → m7i.large',
      'replace aws_instance.machine["dev-worker-2"]: was not made to its end',
    ],
  );
});
