// A cluster whose workers set themselves up: booted Debian machines (systemd-nspawn) whose own cloud-init makes nodes of them, with
// programs from a web server.

import assert from "node:assert/strict";
import { globSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { basename, dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { findBusybox } from "../support/containers/oci-image.ts";
import { machinesMissing } from "./support/machines.ts";
import { belongsTo, findNew, scanMachine } from "./support/scan.ts";
import { createSandbox } from "./support/slipway.ts";

const name = "selfmade";

/** One of this host's that machines on its bridges reach. */
const ownAddress = Object.values(networkInterfaces())
  .flat()
  .find((entry) => entry?.family === "IPv4" && !entry.internal)?.address;

interface FileServer {
  readonly url: string;
  /** Who asked for what: "10.90.0.3 slipway-agent-…". */
  readonly requests: string[];
  /** Instead of the agent, its machines get something else. */
  lies: boolean;
}

async function serveFolder(t: TestContext, folder: string): Promise<FileServer> {
  const state = { url: "", requests: [] as string[], lies: false };
  const server = createServer(({ url = "", socket }, response) => {
    const file = basename(decodeURIComponent(url));
    state.requests.push(`${socket.remoteAddress} ${file}`);
    response.end(state.lies && file.startsWith("slipway-agent-") ? "anything" : readFileSync(join(folder, file)));
  });
  await new Promise<void>((resolve) => server.listen(0, ownAddress, resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  state.url = `http://${ownAddress}:${(server.address() as AddressInfo).port}`;
  return state;
}

const missing = machinesMissing() || (ownAddress === undefined && "this host has no address that machines reach");

test("a cluster whose workers set themselves up by user data", { skip: missing }, async (t) => {
  const sandbox = createSandbox(t);
  const { must, slipway, kubectl, home, kubeconfig } = sandbox;
  const folder = dirname(home);
  const [file, artifacts] = [join(folder, "selfmade.yaml"), join(folder, "artifacts")];
  const server = await serveFolder(t, artifacts);
  writeFileSync(
    file,
    `apiVersion: slipway.dev/v1alpha1
kind: Cluster
name: ${name}
infrastructure: { provider: nspawn }
bootstrap: { workers: user-data, artifacts: "${server.url}/" }
workers: [{ count: 2 }]
`,
  );
  await must("bootstrap", "--artifacts", artifacts, "--config", file);
  const options = { folders: [folder], kubeconfig };
  const before = scanMachine(options);
  t.after(() => slipway("down", "--name", name));
  const changesOf = async (...args: readonly string[]) => {
    const lines = (await must(...args, "--json")).trim().split("\n");
    const events = lines.map((line) => JSON.parse(line) as { type: string; id: string; changed?: boolean });
    return events.filter((event) => event.type === "step-done" && event.changed).map(({ id }) => id);
  };

  await t.test("up: workers join by themselves; a second up changes nothing", async () => {
    await must("up", "--config", file);
    const nodes = await kubectl("get", "nodes", "-o", "jsonpath={.items[*].metadata.name}");
    assert.deepEqual(nodes.split(" ").toSorted(), [`${name}-control-plane-1`, `${name}-worker-1`, `${name}-worker-2`]);
    const agents = server.requests.filter((line) => line.includes(" slipway-agent-"));
    assert.equal(new Set(agents).size, 2, agents.join("\n"));
    assert.deepEqual(await changesOf("up", "--config", file), ["verify/nodes"]);
  });

  await t.test("what became of it can be read, and nothing secret outlives it", async () => {
    const logs = await must("logs", "--machine", `${name}-worker-1`, "--name", name, "--tail", "5");
    assert.match(logs, /Fetch slipway-agent-\S+ +ok/);
    assert.match(await must("status", "--name", name), new RegExp(`${name}-worker-2 +\\S+ +join-worker +done`));
    const seeds = globSync(join(home, "clusters/*/machines/*/var/lib/cloud/seed/nocloud/user-data"));
    assert.equal(seeds.length, 2);
    for (const seed of seeds) {
      assert.equal(statSync(seed).mode & 0o777, 0o600);
      assert.doesNotMatch(readFileSync(seed, "utf8"), /PRIVATE KEY/);
    }
    assert.doesNotMatch(await must("token", "list", "--name", name), /first boot/);
  });

  await t.test(
    "verify: pods with volumes talk across machines",
    { skip: findBusybox() ? false : "busybox is not installed" },
    () => must("verify", "--name", name).then(() => {}),
  );

  await t.test("scale: one more joins by itself", async () => {
    await must("scale", "worker=3", "--name", name);
    assert.match(await kubectl("get", "nodes"), new RegExp(`${name}-worker-3 +Ready`));
  });

  await t.test("a program that is not the one it should be fails at once; the next run goes on with it", async () => {
    server.lies = true;
    const { code, err } = await slipway("scale", "worker=4", "--name", name);
    assert.equal(code, 30);
    assert.match(err, new RegExp(`${name}-worker-4: Fetch slipway-agent-\\S+: exit code 1: .*checksum`));
    server.lies = false;
    await must("scale", "worker=4", "--name", name);
    assert.match(await kubectl("get", "nodes"), new RegExp(`${name}-worker-4 +Ready`));
  });

  await t.test("down: nothing is left", async () => {
    await must("down", "--name", name);
    const found = findNew(before, scanMachine(options), belongsTo(name, folder));
    // kubectl keeps what it has discovered.
    assert.deepEqual(
      found.filter((line) => !line.startsWith(`file ${folder}/.kube`)),
      [],
    );
  });
});
