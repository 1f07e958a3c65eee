// A cluster at work, with real containers: an application that is deployed, reached, changed, broken in every way, and mended by
// itself.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isStatusError, resources } from "#kubernetes/api";
import { createSandbox, podsMissing } from "../support/slipway.ts";
import { createClientPod, createMover, createStore, createWebObjects } from "./manifests.ts";
import {
  clusterName,
  cutOff,
  edgeNode,
  fetchPage,
  startWorkloadCluster,
  until,
  type WorkloadCluster,
  workers,
} from "./workload-cluster.ts";

const hasKubectl = spawnSync("kubectl", ["version", "--client"]).status === 0;
const skip = podsMissing() || (hasKubectl ? false : "kubectl is not installed");

const timeout = "--timeout=60s";
const [near, far] = [`client-${workers[0]}`, `client-${workers[1]}`];

test("a cluster at work", { skip, timeout: 300_000 }, async (t) => {
  const sandbox = createSandbox(t);
  const cluster = await startWorkloadCluster(sandbox);
  const { kubectl, kubectlWith, kubectlUntil } = cluster;
  const { signal } = t;

  await t.test("a Deployment with ConfigMap, Secret, probes and a Service comes up on both workers", async () => {
    await cluster.apply(...createWebObjects(), ...workers.map(createClientPod), createMover(), ...createStore());
    assert.match(await kubectl("rollout", "status", "deployment/web", timeout), /successfully rolled out/);
    await kubectl("wait", "pod", near, far, "--for=condition=Ready", timeout);
    await kubectl("wait", "deployment/mover", "--for=condition=Available", timeout);
    const nodes = await kubectl("get", "pods", "-l", "app=web", "-o", "jsonpath={.items[*].spec.nodeName}");
    assert.deepEqual(new Set(nodes.split(" ")), new Set(workers));
    assert.equal(await kubectl("get", "pod", "-l", "app=mover", "-o", "jsonpath={.items[*].spec.nodeName}"), edgeNode);
  });
  // It takes most of a minute until a silent node counts as gone: the rest goes on meanwhile.
  const putBack = await cutOff("edge-1");

  await t.test("pods find the service by its name, and behind it every pod, on whatever node", async () => {
    const address = await kubectl("get", "service", "web", "-o", "jsonpath={.spec.clusterIP}");
    for (const client of [near, far]) {
      assert.match(
        await kubectl("exec", client, "--", "nslookup", "web.default.svc.cluster.local"),
        new RegExp(address),
      );
      const pages = await askRepeatedly(cluster, client, address);
      assert.equal(new Set(pages).size, 3, pages.join("; "));
      for (const page of pages) assert.match(page, /^web-\S+ hello secret v1$/);
    }
    assert.match(await kubectl("get", "service", "-n", "kube-system", "kube-dns"), /53\/UDP,53\/TCP,9153\/TCP/);
  });

  await t.test("the host finds it at the node port of every node", async () => {
    for (const worker of workers) {
      const page = await fetchPage(await addressOf(cluster, worker), await nodePort(cluster));
      assert.match(page, /^web-\S+ hello secret v1$/);
    }
  });

  await t.test("with session affinity a client stays with one pod", async () => {
    await patchService(cluster, { sessionAffinity: "ClientIP" });
    const address = await kubectl("get", "service", "web", "-o", "jsonpath={.spec.clusterIP}");
    await until(
      () => askRepeatedly(cluster, near, address),
      (pages) => new Set(pages).size === 1,
      signal,
    );
    await patchService(cluster, { sessionAffinity: "None" });
    await until(
      () => askRepeatedly(cluster, near, address),
      (pages) => new Set(pages).size > 1,
      signal,
    );
  });

  await t.test("logs -f, exec -i and -it, cp, port-forward, describe", async () => {
    assert.match(await kubectlUntil((said) => /line \d+\n(line \d+\n){2}/.test(said), "logs", "-f", near), /line \d+/);
    assert.equal(await kubectlWith("to and fro\n", "exec", "-i", near, "--", "cat"), "to and fro\n");
    assert.match(
      runOnTerminal(sandbox.environment, `kubectl exec -it ${near} -- sh -c 'tty; exit 3'`),
      /\/dev\/pts\/\d+\s[\s\S]*code 3/,
    );
    await copyThereAndBack(cluster);
    await kubectlUntil(reachesForwardedPage, "port-forward", "service/web", ":80");
    assert.match(
      await kubectl("describe", "deployment", "web"),
      /ScalingReplicaSet.*Scaled up replica set web-\S+ from 0 to 3/,
    );
    assert.match(await kubectl("describe", "pod", near), /Started.*Container started/);
  });

  await t.test("a rolling update, its history, and undo", async () => {
    const shown = async () => await fetchPage(await addressOf(cluster, workers[0]), await nodePort(cluster));
    await kubectl("set", "env", "deployment/web", "VERSION=v2");
    await kubectl("rollout", "status", "deployment/web", timeout);
    await until(shown, (page) => page.endsWith("hello secret v2"), signal);
    assert.match(await kubectl("rollout", "history", "deployment/web"), /1 .*\n2 /);
    await kubectl("rollout", "undo", "deployment/web");
    await kubectl("rollout", "status", "deployment/web", timeout);
    await until(shown, (page) => page.endsWith("hello secret v1"), signal);
  });

  await t.test("a container whose process is killed starts again", async () => {
    const pod = await firstPod(cluster, "app=web");
    // The shell that kills it may go with the container.
    await kubectl("exec", pod, "--", "sh", "-c", "kill -9 $(cat /tmp/server)").catch((error: Error) => {
      assert.match(error.message, /ended with 137/);
    });
    await kubectl("wait", "pod", pod, "--for=jsonpath={.status.containerStatuses[0].restartCount}=1", timeout);
    await kubectl("wait", "pod", pod, "--for=condition=Ready", timeout);
  });

  await t.test("a StatefulSet keeps its volumes, and its names lead to its pods", async () => {
    await kubectl("rollout", "status", "statefulset/db", timeout);
    assert.equal(await kubectl("get", "pvc", "-o", "jsonpath={.items[*].status.phase}"), "Bound Bound");
    await kubectl("delete", "pod", "db-1");
    await kubectl("rollout", "status", "statefulset/db", timeout);
    assert.equal(await kubectl("exec", "db-1", "--", "cat", "/data/log"), "started db-1\nstarted db-1\n");
    const address = await kubectl("get", "pod", "db-1", "-o", "jsonpath={.status.podIP}");
    const name = "db-1.db.default.svc.cluster.local";
    await until(
      () => kubectl("exec", near, "--", "nslookup", name),
      (said) => said.includes(address),
      signal,
    );
  });

  await t.test("a killed agent comes back; meanwhile its pods serve", async () => {
    const before = await containersOf(cluster);
    const agent = (await unitsOf(sandbox)).find(({ name }) => name === "agent-worker-1")!;
    process.kill(agent.state.pid!, "SIGKILL");
    assert.match(await fetchPage(await addressOf(cluster, workers[0]), await nodePort(cluster)), /hello secret/);
    await until(
      () => unitsOf(sandbox),
      (units) =>
        units.some(
          ({ name, state }) => name === agent.name && state.state === "ready" && state.pid !== agent.state.pid,
        ),
      signal,
    );
    assert.match(await kubectl("exec", near, "--", "nslookup", "web.default.svc.cluster.local"), /Address/);
    assert.deepEqual(await containersOf(cluster), before);
  });

  await t.test("the control plane killed in the middle of writes loses nothing it has acknowledged", async () => {
    const before = await containersOf(cluster);
    const acknowledged = await writeUntilKilled(
      cluster,
      (await unitsOf(sandbox)).find(({ name }) => name === "control-plane")!.state.pid!,
    );
    assert.ok(acknowledged.length > 100, `only ${acknowledged.length} writes`);
    const list = () => kubectl("get", "configmaps", "-l", "flood=yes", "-o", "jsonpath={.items[*].metadata.name}");
    const kept = new Set(
      (
        await until(
          () => list().catch(() => ""),
          (names) => names !== "",
          signal,
        )
      ).split(" "),
    );
    assert.deepEqual(
      acknowledged.filter((name) => !kept.has(name)),
      [],
    );
    await kubectl("wait", "node", ...workers, "--for=condition=Ready", timeout);
    assert.deepEqual(await containersOf(cluster), before);
  });

  await t.test("a node that is cut off becomes NotReady, and its pods move; put back, it is Ready again", async () => {
    await kubectl("wait", "node", edgeNode, "--for=condition=Ready=Unknown", "--timeout=90s");
    const nodeOf = () =>
      kubectl(
        "get",
        "pods",
        "-l",
        "app=mover",
        "--field-selector=status.phase=Running",
        "-o",
        "jsonpath={.items[*].spec.nodeName}",
      );
    await until(nodeOf, (node) => node !== "" && node !== edgeNode, signal);
    assert.match(await kubectl("get", "node", edgeNode), /NotReady/);
    await putBack();
    await kubectl("wait", "node", edgeNode, "--for=condition=Ready", "--timeout=60s");
  });

  await t.test("scale, wait, delete", async () => {
    await kubectl("scale", "deployment/web", "--replicas=5");
    await kubectl("wait", "deployment/web", "--for=jsonpath={.status.readyReplicas}=5", timeout);
    await kubectl("delete", "deployment,service,configmap,secret", "web");
    await kubectl("wait", "pod", "-l", "app=web", "--for=delete", timeout);
    await kubectl("delete", "statefulset", "db");
    await kubectl("delete", "pvc", "data-db-0", "data-db-1");
    await until(
      () => kubectl("get", "pv", "-o", "name"),
      (names) => names === "",
      signal,
    );
    const machines = join(sandbox.home, "clusters", clusterName, "machines");
    for (const machine of ["worker-1", "worker-2"]) {
      assert.deepEqual(readdirSync(join(machines, machine, "volumes")), []);
    }
  });

  await t.test("verify: every node has all its plug-ins", async () => {
    const results = JSON.parse(await sandbox.must("verify", "--name", clusterName, "--json")) as object;
    assert.equal(Object.keys(results).length, 4);
  });
});

interface Unit {
  readonly name: string;
  readonly state: { readonly state: string; readonly pid?: number };
}

async function unitsOf({ slipway }: ReturnType<typeof createSandbox>): Promise<readonly Unit[]> {
  const { out } = await slipway("status", "--json", "--name", clusterName);
  return (JSON.parse(out) as { processes: Unit[] }).processes;
}

/** The page at the address, twenty times, as a pod gets it. */
async function askRepeatedly({ kubectl }: WorkloadCluster, client: string, address: string): Promise<string[]> {
  const ask = `printf 'GET /index.html HTTP/1.0\\r\\n\\r\\n' | nc -w 5 ${address} 80 | tail -n 1`;
  const said = await kubectl("exec", client, "--", "sh", "-c", `for n in $(seq 20); do ${ask}; done`);
  return said.trim().split("\n");
}

function addressOf({ kubectl }: WorkloadCluster, node: string): Promise<string> {
  return kubectl("get", "node", node, "-o", 'jsonpath={.status.addresses[?(@.type=="InternalIP")].address}');
}

async function nodePort({ kubectl }: WorkloadCluster): Promise<number> {
  return Number(await kubectl("get", "service", "web", "-o", "jsonpath={.spec.ports[0].nodePort}"));
}

async function patchService({ kubectl }: WorkloadCluster, spec: object): Promise<void> {
  await kubectl("patch", "service", "web", "-p", JSON.stringify({ spec }));
}

async function firstPod({ kubectl }: WorkloadCluster, selector: string): Promise<string> {
  return kubectl("get", "pods", "-l", selector, "-o", "jsonpath={.items[0].metadata.name}");
}

/** The containers of pods that nobody touches, by their ids: the same where none was started anew. */
async function containersOf({ kubectl }: WorkloadCluster): Promise<string[]> {
  const ids = await kubectl(
    "get",
    "pods",
    "-l",
    "app in (web, db)",
    "-o",
    "jsonpath={.items[*].status.containerStatuses[*].containerID}",
  );
  return ids.split(" ").toSorted();
}

async function copyThereAndBack({ kubectl, folder }: WorkloadCluster): Promise<void> {
  const [here, back] = [join(folder, "here"), join(folder, "back")];
  writeFileSync(here, "carried\n");
  await kubectl("cp", here, `${near}:/tmp/there`);
  await kubectl("cp", `${near}:/tmp/there`, back);
  assert.equal(readFileSync(back, "utf8"), "carried\n");
}

/** Once kubectl says where it listens. */
async function reachesForwardedPage(said: string): Promise<boolean> {
  const port = /Forwarding from 127\.0\.0\.1:(\d+)/.exec(said)?.[1];
  return port !== undefined && /hello secret/.test(await fetchPage("127.0.0.1", Number(port)));
}

/** What is said on a terminal, the exit code included. */
function runOnTerminal(env: NodeJS.ProcessEnv, command: string): string {
  return spawnSync("script", ["-qec", command, "/dev/null"], { env, encoding: "utf8" }).stdout;
}

/** Creates ConfigMaps, many at a time, and kills the process after a few hundred; answers those that were acknowledged. */
async function writeUntilKilled(cluster: WorkloadCluster, pid: number): Promise<string[]> {
  const client = await cluster.connect();
  const acknowledged: string[] = [];
  let next = 0;
  let isKilled = false;
  const write = async (): Promise<void> => {
    while (!isKilled) {
      const name = `flood-${next++}`;
      try {
        await client.create(resources.configMaps, {
          metadata: { namespace: "default", name, labels: { flood: "yes" } },
        });
      } catch (error) {
        if (isStatusError(error)) throw error;
        return;
      }
      acknowledged.push(name);
      if (acknowledged.length === 300) {
        process.kill(pid, "SIGKILL");
        isKilled = true;
      }
    }
  };
  await Promise.all(Array.from({ length: 16 }, write));
  await client.close();
  return acknowledged;
}
