import assert from "node:assert/strict";
import { test } from "node:test";
import { resolveConfig } from "#config";
import { aws } from "../aws/provider.ts";
import { describeMachine } from "./outputs.ts";

test("describeMachine: what is known of a host's key is the machine's own: another one may have its address next", () => {
  const config = resolveConfig({
    infrastructure: {
      provider: "aws",
      region: "eu-central-1",
      access: { ssh: ["0.0.0.0/0"] },
      sshPublicKey: "ssh-ed25519 AAAA",
    },
  });
  const spec = { name: "dev-worker-1", role: "worker", pool: "worker" } as const;
  const fileOf = (id: string) => {
    const outputs = { machines: { [spec.name]: { id, private_address: "10.0.0.1" } } };
    const context = { config, folder: "/c", machines: [spec], signal: new AbortController().signal };
    const machine = describeMachine(aws, context, spec, { resources: [], outputs });
    assert.ok(machine?.access.kind === "ssh");
    return machine.access.knownHostsFile;
  };
  assert.match(fileOf("/subscriptions/1/vm")!, /^\/c\/known_hosts-[0-9a-f]{16}$/);
  assert.equal(fileOf("i-1"), fileOf("i-1"));
  assert.notEqual(fileOf("i-1"), fileOf("i-2"));
});
