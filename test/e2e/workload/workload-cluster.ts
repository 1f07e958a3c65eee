// A cluster with real containers for the workload test, and what the test does to it: kubectl, pages, cables.

import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { get } from "node:http";
import { dirname, join } from "node:path";
import { connectionOf, createClient, createHttpTransport, loadKubeconfig } from "#kubernetes/client";
import { exec } from "#shared";
import { writeBusyboxImage } from "../../support/containers/oci-image.ts";
import type { Sandbox } from "../support/slipway.ts";
import { image } from "./manifests.ts";

export const clusterName = "work";
export const edgeNode = `${clusterName}-edge-1`;
export const workers = [`${clusterName}-worker-1`, `${clusterName}-worker-2`] as const;

/** Two workers, and an edge node that takes only what wants to be there. */
const config = `apiVersion: slipway.dev/v1alpha1
kind: Cluster
name: ${clusterName}
workers:
  - { count: 2 }
  - { name: edge, count: 1, taints: [{ key: edge, effect: NoSchedule }] }
`;

export interface WorkloadCluster {
  readonly folder: string;
  /** Fails the test where kubectl does. */
  kubectl(...args: readonly string[]): Promise<string>;
  /** With this on its standard input. */
  kubectlWith(input: string, ...args: readonly string[]): Promise<string>;
  /** Runs kubectl until what it has said is as wanted, then ends it; answers what it said. */
  kubectlUntil(isWanted: IsWanted, ...args: readonly string[]): Promise<string>;
  apply(...objects: readonly object[]): Promise<void>;
  connect(): Promise<ReturnType<typeof createClient>>;
}

export async function startWorkloadCluster(sandbox: Sandbox): Promise<WorkloadCluster> {
  const folder = dirname(sandbox.home);
  const file = join(folder, "slipway.yaml");
  writeFileSync(file, config);
  await sandbox.must("up", "--config", file);
  const archive = join(folder, "busybox.tar");
  writeBusyboxImage(archive, { name: image });
  await sandbox.must("image", "load", archive, "--name", clusterName);
  return useCluster(sandbox, folder);
}

function useCluster({ environment, kubeconfig }: Sandbox, folder: string): WorkloadCluster {
  const run = (args: readonly string[], options: KubectlOptions = {}) => runKubectl(environment, args, options);
  return {
    folder,
    kubectl: (...args) => run(args),
    kubectlWith: (input, ...args) => run(args, { input }),
    kubectlUntil: (isWanted, ...args) => run(args, { isWanted }),
    async apply(...objects) {
      await run(["apply", "-f", "-"], { input: JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }) });
    },
    async connect() {
      return createClient({ transport: createHttpTransport(await connectionOf(await loadKubeconfig(kubeconfig))) });
    },
  };
}

type IsWanted = (output: string) => boolean | Promise<boolean>;

interface KubectlOptions {
  readonly input?: string;
  readonly isWanted?: IsWanted;
}

function runKubectl(
  env: NodeJS.ProcessEnv,
  args: readonly string[],
  { input, isWanted }: KubectlOptions,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn("kubectl", args, { env, stdio: ["pipe", "pipe", "pipe"] });
    const said = { stdout: "", stderr: "" };
    let isDone = false;
    const hear = (stream: keyof typeof said) => async (chunk: string) => {
      said[stream] += chunk;
      if (isDone || !(await isWanted?.(said.stdout))) return;
      isDone = true;
      child.kill();
    };
    child.stdout.setEncoding("utf8").on("data", hear("stdout"));
    child.stderr.setEncoding("utf8").on("data", hear("stderr"));
    child.once("error", reject);
    child.once("close", (code) => {
      if (isDone || (code === 0 && !isWanted)) resolve(said.stdout);
      else reject(new Error(`"kubectl ${args.join(" ")}" ended with ${code}:\n${said.stderr}${said.stdout}`));
    });
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}

/** What is served at the address; "" where nobody answers. */
export function fetchPage(host: string, port: number, path = "/index.html"): Promise<string> {
  return new Promise((resolve) => {
    const request = get({ host, port, path, agent: false, timeout: 2000 }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
      response.once("end", () => resolve(body.trim()));
      response.once("error", () => resolve(""));
    });
    request.once("timeout", () => request.destroy());
    request.once("error", () => resolve(""));
  });
}

/** Asks again until it is so, or the test's time is over. */
export async function until<T>(look: () => Promise<T>, isSo: (found: T) => boolean, signal: AbortSignal): Promise<T> {
  for (;;) {
    const found = await look();
    if (isSo(found)) return found;
    if (signal.aborted) throw new Error(`it never was as wanted, but: ${JSON.stringify(found)}`);
  }
}

/** Takes the machine's cable out of the bridge; the answer puts it back. */
export async function cutOff(machine: string): Promise<() => Promise<void>> {
  const inMachine = await exec(["ip", "-n", `slipway.${clusterName}.${machine}`, "-json", "link", "show", "eth0"]);
  const [{ link_index: index }] = JSON.parse(inMachine.stdout) as [{ link_index: number }];
  const links = JSON.parse((await exec(["ip", "-json", "link", "show"])).stdout) as {
    ifindex: number;
    ifname: string;
    master?: string;
  }[];
  const cable = links.find(({ ifindex }) => ifindex === index);
  if (!cable?.master) throw new Error(`Cannot cut ${machine} off: its cable is in no bridge`);
  const { ifname, master } = cable;
  await exec(["ip", "link", "set", ifname, "nomaster"]);
  return async () => void (await exec(["ip", "link", "set", ifname, "master", master]));
}
