// Pods with real containers on a real node: what only a kernel and a container runtime can show. One cluster for all of it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type Container, type Pod, resources } from "#kubernetes/api";
import {
  type Client,
  connectionOf,
  createClient,
  createHttpTransport,
  createInformerSet,
  loadKubeconfig,
} from "#kubernetes/client";
import { exec } from "#shared";
import { writeBusyboxImage } from "../../support/containers/oci-image.ts";
import { createSandbox, podsMissing } from "../support/slipway.ts";

const image = "registry.test/busybox:1";
const name = "kubelet-e2e";
const nodeName = `${name}-control-plane-1`;
const skip = podsMissing();

interface PodOptions extends Partial<Omit<NonNullable<Pod["spec"]>, "containers">> {
  readonly container?: Partial<Container>;
  readonly annotations?: Record<string, string>;
}

test("containers", { skip, timeout: 240_000 }, async (t) => {
  const sandbox = createSandbox(t);
  const folder = mkdtempSync(join(tmpdir(), "kubelet-e2e-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  await sandbox.must("up", "--name", name, "--workers", "0");
  const archive = join(folder, "image.tar");
  writeBusyboxImage(archive, { name: image });
  await sandbox.must("image", "load", archive, "--name", name);
  const client = createClient({
    transport: createHttpTransport(await connectionOf(await loadKubeconfig(sandbox.kubeconfig))),
  });
  const informers = createInformerSet(client);
  const pods = informers.informer(resources.pods, { namespace: "default" });
  t.after(async () => {
    await informers.stop();
    await client.close();
  });
  informers.start();
  await informers.synced();
  await client.create(resources.configMaps, {
    metadata: { namespace: "default", name: "settings" },
    data: { a: "1", file: "old" },
  });
  await client.create(resources.secrets, {
    metadata: { namespace: "default", name: "secret" },
    stringData: { password: "pw" },
  });

  const kubectl = async (...args: readonly string[]) => {
    const { stdout } = await exec(["kubectl", ...args], { env: sandbox.environment });
    return stdout;
  };
  const run = (podName: string, script: string, options: PodOptions = {}) =>
    createPod(client, podName, script, options);
  /** Resolves when the pod is as wanted. */
  const until = (podName: string, isSo: (pod: Pod) => unknown): Promise<Pod> =>
    new Promise((resolve) => {
      const look = (pod: Pod) => {
        if (pod.metadata.name !== podName || !isSo(pod)) return;
        remove();
        resolve(pod);
      };
      const remove = pods.addHandler({ added: look, updated: look });
      for (const pod of pods.list()) look(pod);
    });
  const ended = (podName: string) =>
    until(podName, ({ status }) => status?.phase === "Succeeded" || status?.phase === "Failed");
  const logsOf = async (podName: string) => {
    await ended(podName);
    return kubectl("logs", podName);
  };

  await t.test("variables, volumes and their modes are as the pod asks", async () => {
    await run(
      "data",
      "echo $A $B $NAME $CPU; cat /config/file /secret/password; stat -c '%a %g' /secret/..data/password; cat /one; ls /sub; mount | grep -c ' /memory type tmpfs.*size=1024k'; cat /labels/l; wc -c < /var/run/secrets/kubernetes.io/serviceaccount/token",
      {
        securityContext: { fsGroup: 2000 },
        container: {
          envFrom: [{ prefix: "X_", configMapRef: { name: "settings" } }],
          env: [
            { name: "A", value: "$(X_a)-literal" },
            { name: "B", valueFrom: { secretKeyRef: { name: "secret", key: "password" } } },
            { name: "NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
            { name: "CPU", valueFrom: { resourceFieldRef: { resource: "limits.cpu", divisor: "1m" } } },
          ],
          resources: { limits: { cpu: "250m" } },
          volumeMounts: [
            { name: "config", mountPath: "/config" },
            { name: "config", mountPath: "/one", subPath: "a" },
            { name: "secret", mountPath: "/secret" },
            { name: "memory", mountPath: "/memory" },
            { name: "memory", mountPath: "/sub/made", subPathExpr: "$(NAME)/x" },
            { name: "labels", mountPath: "/labels" },
          ],
        },
        volumes: [
          { name: "config", configMap: { name: "settings" } },
          { name: "secret", secret: { secretName: "secret", defaultMode: 0o440 } },
          { name: "memory", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
          {
            name: "labels",
            downwardAPI: { items: [{ path: "l", fieldRef: { fieldPath: "metadata.labels['app']" } }] },
          },
        ],
      },
    );
    const lines = (await logsOf("data")).trim().split("\n");
    assert.deepEqual(lines.slice(0, 4), ["1-literal pw data 250", "oldpw440 2000", "1made", "1"]);
    assert.match(lines[4] ?? "", /^data\d{3,}$/);
  });

  await t.test("security: users, groups, capabilities, files, settings", async () => {
    await run(
      "secure",
      "id -u; id -g; id -G; grep -E 'CapBnd|NoNewPrivs|Seccomp:' /proc/self/status; touch /x; cat /proc/sys/kernel/shm_rmid_forced",
      {
        securityContext: {
          runAsNonRoot: true,
          fsGroup: 2000,
          supplementalGroups: [4000],
          seccompProfile: { type: "RuntimeDefault" },
          sysctls: [{ name: "kernel/shm_rmid_forced", value: "1" }],
        },
        container: {
          securityContext: {
            ...{ runAsUser: 1000, runAsGroup: 3000, allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
            capabilities: { drop: ["ALL"], add: ["NET_ADMIN"] },
          },
        },
      },
    );
    assert.deepEqual((await logsOf("secure")).replaceAll("\t", " ").trim().split("\n"), [
      ...["1000", "3000", "3000 2000 4000", "CapBnd: 0000000000001000", "NoNewPrivs: 1", "Seccomp: 2"],
      ...["touch: /x: Read-only file system", "1"],
    ]);
  });

  await t.test("memory over its limit: OOMKilled; last words: from the file, or the log", async () => {
    const limited = { resources: { limits: { memory: "16Mi" } } };
    await run("greedy", "", {
      container: { ...limited, command: ["dd", "if=/dev/zero", "of=/dev/null", "bs=200M", "count=5"] },
    });
    await run("words", "printf done >/dev/termination-log; exit 3");
    await run("log-words", "echo from the log; exit 1", {
      container: { terminationMessagePolicy: "FallbackToLogsOnError" },
    });
    const end = async (podName: string) => (await ended(podName)).status?.containerStatuses?.[0]?.state?.terminated;
    assert.equal((await end("greedy"))?.reason, "OOMKilled");
    assert.deepEqual([(await end("words"))?.message, (await end("words"))?.exitCode], ["done", 3]);
    assert.equal((await end("log-words"))?.message, "from the log\n");
  });

  await t.test(
    "namespaces: shared with the node, or among the pod's containers; hosts and resolver files",
    async () => {
      await run("host", "cat /proc/1/comm; ls /sys/class/net | tr '\\n' ' '", { hostNetwork: true, hostPID: true });
      await run("shared", "ps | grep -c pause", { shareProcessNamespace: true });
      await run("names", "cat /etc/resolv.conf; grep -E 'foo|names' /etc/hosts; hostname", {
        hostAliases: [{ ip: "192.0.2.7", hostnames: ["foo", "bar"] }],
        dnsPolicy: "None",
        dnsConfig: { nameservers: ["192.0.2.53"], searches: ["a.test"], options: [{ name: "ndots", value: "2" }] },
      });
      assert.match(await logsOf("host"), new RegExp(`^${readFileSync("/proc/1/comm", "utf8")}`));
      assert.match(await logsOf("shared"), /^[1-9]/);
      const names = await logsOf("names");
      assert.match(names, /^search a.test\nnameserver 192.0.2.53\noptions ndots:2\n/);
      assert.match(names, /\n192.0.2.7\tfoo\tbar\n/);
      assert.match(names, /\nnames\n$/);
    },
  );

  await t.test(
    "a long-lived pod: probes, hooks, exec, cp, logs, port-forward, debug, a ConfigMap that changes",
    async () => {
      const server = "mkdir -p /www; echo hello >/www/index.html; echo started; exec httpd -f -p 8080 -h /www";
      await run("web", server, {
        restartPolicy: "Always",
        container: {
          ports: [{ name: "http", containerPort: 8080 }],
          startupProbe: { tcpSocket: { port: "http" }, periodSeconds: 1 },
          readinessProbe: { httpGet: { path: "/", port: "http" }, periodSeconds: 1 },
          livenessProbe: { exec: { command: ["cat", "/www/index.html"] }, periodSeconds: 1, failureThreshold: 1 },
          lifecycle: { postStart: { exec: { command: ["sh", "-c", "echo hooked >/tmp/hook"] } } },
          volumeMounts: [{ name: "config", mountPath: "/config" }],
        },
        volumes: [{ name: "config", configMap: { name: "settings" } }],
      });
      await until("web", isReady);
      assert.equal(await kubectl("logs", "web", "--tail=1"), "started\n");
      assert.equal(await kubectl("exec", "web", "--", "cat", "/tmp/hook"), "hooked\n");
      await assert.rejects(kubectl("exec", "web", "--", "sh", "-c", "exit 7"), /exit code 7/);
      writeFileSync(join(folder, "copied"), "copied");
      await kubectl("cp", join(folder, "copied"), "web:/tmp/copied");
      await kubectl("cp", "web:/tmp/copied", join(folder, "back"));
      assert.equal(readFileSync(join(folder, "back"), "utf8"), "copied");
      assert.match(await askThroughForward(sandbox.environment), /hello/);
      await kubectl("debug", "web", `--image=${image}`, "--target=main", "--profile=general", "-c", "look", "--", "ps");
      const debugged = await until("web", ({ status }) => status?.ephemeralContainerStatuses?.[0]?.state?.terminated);
      assert.equal(debugged.status?.ephemeralContainerStatuses?.[0]?.state?.terminated?.exitCode, 0);
      assert.match(await kubectl("logs", "web", "-c", "look"), /httpd -f -p 8080/);
      await kubectl("patch", "configmap", "settings", "-p", '{"data":{"file":"new"}}');
      await kubectl("exec", "web", "--", "sh", "-c", "until grep -q new /config/file; do sleep 0.1; done");
      await kubectl("exec", "web", "--", "rm", "/www/index.html");
      const restarted = await until(
        "web",
        (pod) => isReady(pod) && pod.status?.containerStatuses?.[0]?.restartCount === 1,
      );
      assert.ok(restarted.status?.containerStatuses?.[0]?.lastState?.terminated);
      assert.equal(await kubectl("logs", "web", "--previous"), "started\n");
      assert.match(await kubectl("describe", "pod", "web"), /Liveness probe failed/);
    },
  );

  await t.test("what nodes tell of their pods", async () => {
    const path = `/api/v1/nodes/${nodeName}/proxy`;
    assert.match(
      await kubectl("get", "--raw", `${path}/metrics/resource`),
      /container_memory_working_set_bytes\{.*pod="web"/,
    );
    const { node, pods: all } = JSON.parse(await kubectl("get", "--raw", `${path}/stats/summary`));
    assert.equal(node.nodeName, nodeName);
    assert.ok(all.some((pod: { podRef: { name: string } }) => pod.podRef.name === "web"));
  });

  await t.test("a stubborn container is killed when its grace period is over", async () => {
    await run("stubborn", "trap '' TERM; while :; do sleep 1; done", { terminationGracePeriodSeconds: 1 });
    await until("stubborn", isReady);
    await kubectl("delete", "pod", "stubborn", "--timeout=20s");
    assert.equal(
      pods.list().some(({ metadata }) => metadata.name === "stubborn"),
      false,
    );
  });
});

async function createPod(client: Client, podName: string, script: string, options: PodOptions): Promise<void> {
  const { container, annotations, ...spec } = options;
  const main = { name: "main", image, imagePullPolicy: "Never", command: ["sh", "-c", script], ...container };
  await client.create(resources.pods, {
    metadata: { namespace: "default", name: podName, labels: { app: podName }, ...(annotations && { annotations }) },
    spec: { nodeName, restartPolicy: "Never", terminationGracePeriodSeconds: 0, ...spec, containers: [main] },
  });
}

function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") ?? false;
}

/** What the web server answers through `kubectl port-forward`, on a port the system chooses. */
async function askThroughForward(env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn("kubectl", ["port-forward", "pod/web", ":8080"], { env, stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [line] = (await once(child.stdout.setEncoding("utf8"), "data")) as [string];
    const port = /127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    return await (await fetch(`http://127.0.0.1:${port}/`)).text();
  } finally {
    child.kill();
  }
}
