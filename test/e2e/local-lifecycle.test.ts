// A local cluster from its first `up` to its `down`, with real containers: what people do to it, and what may happen to it.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { writeBusyboxImage } from "../support/containers/oci-image.ts";
import { belongsTo, findNew, scanMachine } from "./support/scan.ts";
import { createSandbox, podsMissing, type Sandbox } from "./support/slipway.ts";

interface Status {
  readonly state: string;
  readonly supervisor?: number;
  readonly processes: readonly { name: string; restarts: number; state: { state: string; pid?: number } }[];
  readonly nodes: readonly { name: string; status: string }[];
}

const image = "registry.test/busybox:1";

test("a local cluster's life", { skip: podsMissing() }, async (t) => {
  const sandbox = createSandbox(t);
  const { slipway, must, kubectl } = sandbox;
  await must("version");
  const options = { folders: [dirname(sandbox.home)], kubeconfig: sandbox.kubeconfig };
  const before = scanMachine(options);

  await t.test("up: every node is Ready, the kubeconfig is merged, a second up changes nothing", async () => {
    await must("up", "--name", "life");
    assert.equal((await status(sandbox)).state, "running");
    assert.equal(await kubectl("config", "current-context"), "slipway-life\n");
    const nodes = (await kubectl("get", "nodes", "-o", "jsonpath={.items[*].metadata.name}")).split(" ");
    assert.deepEqual(nodes.toSorted(), ["life-control-plane-1", "life-worker-1", "life-worker-2"]);
    const events = parseLines(await must("up", "--name", "life", "--json"));
    const changed = events.filter(({ type, changed }) => type === "step-done" && changed).map(({ id }) => id);
    assert.deepEqual(changed, ["verify/nodes"]);
  });

  await t.test("pods on different nodes reach each other", async () => {
    const archive = join(dirname(sandbox.home), "busybox.tar");
    writeBusyboxImage(archive, { name: image });
    assert.match(await must("image", "load", archive, "--name", "life"), /registry.test\/busybox:1/);
    for (const worker of ["life-worker-1", "life-worker-2"]) await runWebServer(sandbox, worker);
    await kubectl("wait", "pod", "--all", "--for=condition=Ready", "--timeout=30s");
    const address = await kubectl("get", "pod", "web-life-worker-2", "-o", "jsonpath={.status.podIP}");
    // Not wget: a static busybox of glibc dies where it looks for names.
    const ask = `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 5 ${address} 80 | grep -q life-worker-2`;
    await runPod(sandbox, "asker", "life-worker-1", ask);
    await kubectl("wait", "pod", "asker", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=30s");
    await kubectl("delete", "pod", "asker");
  });

  await t.test("a killed agent, containerd or supervisor comes back, and containers go on", async () => {
    const containers = await containerIds(sandbox);
    for (const name of ["agent-worker-1", "containerd-worker-2"]) {
      const { processes } = await status(sandbox);
      process.kill(processes.find((unit) => unit.name === name)!.state.pid!, "SIGKILL");
      const after = await waitForStatus(sandbox, ({ processes: units }) =>
        units.some((unit) => unit.name === name && unit.restarts === 1 && unit.state.state === "ready"),
      );
      assert.equal(after.nodes.length, 3);
    }
    const { supervisor } = await status(sandbox);
    process.kill(supervisor!, "SIGKILL");
    await waitForStatus(sandbox, (now) => now.supervisor !== undefined && now.supervisor !== supervisor);
    await waitForStatus(sandbox, ({ state }) => state === "running");
    assert.equal(await containerIds(sandbox), containers);
  });

  await t.test("the control plane killed in the middle of writes loses nothing that was acknowledged", async () => {
    const containers = await containerIds(sandbox);
    const { processes } = await status(sandbox);
    const victim = processes.find(({ name }) => name === "control-plane")!.state.pid!;
    const acknowledged: string[] = [];
    let isKilled = false;
    // Several write; it dies when some writes were acknowledged, with others on their way.
    const write = async (writer: number): Promise<void> => {
      for (let index = 0; !isKilled; index++) {
        const name = `write-${writer}-${index}`;
        const { code } = await slipway("kubectl", "--name", "life", "create", "configmap", name);
        if (code === 0) acknowledged.push(name);
        if (acknowledged.length < 4 || isKilled) continue;
        isKilled = true;
        process.kill(victim, "SIGKILL");
      }
    };
    await Promise.all([0, 1, 2].map(write));
    await waitForStatus(sandbox, ({ processes: units }) =>
      units.some(({ name, state }) => name === "control-plane" && state.state === "ready" && state.pid !== victim),
    );
    await waitForStatus(sandbox, ({ state }) => state === "running");
    const kept = new Set((await kubectl("get", "configmaps", "-o", "jsonpath={.items[*].metadata.name}")).split(" "));
    assert.deepEqual(
      acknowledged.filter((name) => !kept.has(name)),
      [],
    );
    assert.equal(await containerIds(sandbox), containers);
  });

  await t.test("stop and start keep everything", async () => {
    await must("stop", "--name", "life");
    const stopped = JSON.parse((await slipway("status", "--json", "--name", "life")).out) as Status;
    assert.equal(stopped.state, "stopped");
    await must("start", "--name", "life");
    await kubectl("wait", "pod", "--all", "--for=condition=Ready", "--timeout=30s");
    assert.match(await kubectl("get", "configmaps"), /write-\d-\d/);
  });

  await t.test("nodes are added and deleted; names of others stay", async () => {
    await must("node", "add", "--name", "life");
    await kubectl("wait", "node", "life-worker-3", "--for=condition=Ready", "--timeout=30s");
    await must("node", "delete", "life-worker-1", "--name", "life");
    const { nodes } = await status(sandbox);
    assert.deepEqual(nodes.map(({ name }) => name).toSorted(), [
      "life-control-plane-1",
      "life-worker-2",
      "life-worker-3",
    ]);
    assert.ok(!existsSync(join(sandbox.home, "clusters/life/machines/worker-1")));
  });

  await t.test(
    "another cluster beside it has its own port and context, and goes without a trace in the first",
    async () => {
      await must("up", "--name", "other", "--simulated", "--workers", "0");
      assert.deepEqual(JSON.parse(await must("get-clusters", "--json")), ["life", "other"]);
      await must("down", "--name", "other");
      assert.equal((await status(sandbox)).state, "running");
      assert.equal(await kubectl("config", "current-context"), "slipway-life\n");
    },
  );

  await t.test("down leaves the machine as it was", async () => {
    await must("down", "--name", "life");
    assert.deepEqual(findNew(before, scanMachine(options), belongsTo("life", sandbox.home)), []);
  });
});

async function status({ slipway }: Sandbox): Promise<Status> {
  return JSON.parse((await slipway("status", "--json", "--name", "life")).out) as Status;
}

/** Asks again until it is so; the test's own time limit ends it. */
async function waitForStatus(sandbox: Sandbox, isSo: (status: Status) => boolean): Promise<Status> {
  for (;;) {
    const found = await status(sandbox);
    if (isSo(found)) return found;
  }
}

async function runWebServer(sandbox: Sandbox, node: string): Promise<void> {
  const script = `mkdir -p /www; echo ${node} >/www/index.html; exec httpd -f -p 80 -h /www`;
  await runPod(sandbox, `web-${node}`, node, script);
}

/** A pod on that node that runs a shell script, once. */
async function runPod({ kubectl }: Sandbox, name: string, nodeName: string, script: string): Promise<void> {
  const container = { name: "main", image, imagePullPolicy: "Never", command: ["sh", "-c", script] };
  const spec = { nodeName, restartPolicy: "OnFailure", terminationGracePeriodSeconds: 0, containers: [container] };
  await kubectl("run", name, "--image", image, "--overrides", JSON.stringify({ spec }));
}

/** The running containers, each with its id: equal before and after where none was started anew. */
async function containerIds({ kubectl }: Sandbox): Promise<string> {
  return kubectl("get", "pods", "-o", "jsonpath={.items[*].status.containerStatuses[*].containerID}");
}

function parseLines(text: string): { type: string; id?: string; changed?: boolean }[] {
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string; id?: string; changed?: boolean });
}
