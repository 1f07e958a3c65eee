// Phase 2, per machine: containerd with the sandbox image, then the agent that makes it a node.

import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { deleteNode, dnsAddress, dnsUser, labelNode, storageUser, withClusterClient } from "#addons";
import {
  agentUnit,
  chooseSnapshotter,
  createSandboxImage,
  describeAgent,
  describeRuntime,
  ensureClientCertificate,
  ensureNodePki,
  findDifference,
  findHostTools,
  findResolver,
  type HostTools,
  importImages,
  install,
  type KeyPair,
  type MachineDescription,
  markOfFiles,
  mayLowerOomScore,
  type NodePaths,
  type NodeUser,
  nodePaths,
  nodeSettings,
  podNetworkName,
  readClientCertificate,
  readNodePki,
  removeRuntimeTraces,
  removeUnit,
  renderKubeconfig,
  runtimeUnit,
  thisArchitecture,
} from "#bootstrap";
import { type Machine, type MachineSpec, machineRunFolder } from "#provision";
import { readFileIfExists, writeFileAtomic } from "#shared";
import { type PlanInput, providerContext } from "../plan-input.ts";
import type { Step, StepState } from "../step.ts";
import { controlPlaneStep, findPki, packagesStep, readPki, supervisorStep } from "./host-steps.ts";
import { machineStep } from "./provision-steps.ts";

export function runtimeStep(machine: string): string {
  return `bootstrap/runtime/${machine}`;
}

export function nodeStep(machine: string): string {
  return `bootstrap/node/${machine}`;
}

export function createRuntimeStep(input: PlanInput, spec: MachineSpec): Step {
  const { config, paths, exec } = input;
  return {
    id: runtimeStep(spec.name),
    phase: "bootstrap",
    title: `Start containerd on ${spec.name}`,
    needs: [packagesStep, supervisorStep, machineStep(spec.name)],
    async check({ signal }) {
      const found = await describeRuntimeOf(input, spec, signal);
      return stateOf(found?.description, paths.folder);
    },
    async apply({ signal, report }) {
      const { description, nodePaths, snapshotter, tools } = await requireRuntime(input, spec, signal);
      await install(description, { clusterFolder: paths.folder, exec, signal });
      report("importing the sandbox image");
      const archive = join(nodePaths.run, "sandbox-image.tar");
      await writeFileAtomic(archive, createSandboxImage(thisArchitecture()));
      const target = { ctr: tools.ctr, criSocket: nodePaths.criSocket, snapshotter, exec, signal };
      await importImages(archive, target);
      for (const { path } of await input.artifacts.imageArchives()) {
        report(`importing ${basename(path)}`);
        await importImages(path, target);
      }
    },
    async undo() {
      await removeUnit(paths.folder, runtimeUnit(config.name, spec.name));
      await removeRuntimeTraces(runtimeTraces(input, spec));
    },
  };
}

/** Where a machine's containerd leaves traces outside of the machine's folders. */
export function runtimeTraces({ config, paths }: PlanInput, spec: MachineSpec): { state: string; cniNetwork: string } {
  const run = machineRunFolder(paths.folder, config.name, spec.name);
  return { state: join(run, "containerd"), cniNetwork: podNetworkName(config.name, spec.name) };
}

export function createNodeStep(input: PlanInput, spec: MachineSpec): Step {
  const { config, paths, exec } = input;
  return {
    id: nodeStep(spec.name),
    phase: "bootstrap",
    title: `Start the agent on ${spec.name}`,
    needs: [runtimeStep(spec.name), controlPlaneStep],
    async check({ signal }) {
      const found = await describeAgentOf(input, spec, signal);
      const state = await stateOf(found?.description, paths.folder);
      if (!found || state.state !== "done" || (await hasIdentities(input, found, signal))) return state;
      return { state: "differs", reason: "its certificates are issued anew", change: "in place" };
    },
    async apply({ signal }) {
      const machine = await input.provider.findMachine(providerContext(input, signal), spec);
      if (!machine) throw new Error(`machine ${spec.name} is not there`);
      await writeIdentities(input, machine, nodePaths(machine), signal);
      // Described with the identities it now has.
      const found = await describeAgentOf(input, spec, signal);
      if (!found) throw new Error(`machine ${spec.name} or its packages are missing`);
      await install(found.description, { clusterFolder: paths.folder, exec, signal });
      const { labels } = nodeSettings(config, found.machine);
      await withClusterClient(paths.kubeconfig, (client) => labelNode(client, spec.name, labels, signal));
    },
    async undo({ signal, logger }) {
      await removeUnit(paths.folder, agentUnit(config.name, spec.name));
      try {
        await withClusterClient(paths.kubeconfig, (client) => deleteNode(client, spec.name, signal));
      } catch (error) {
        // Without an API server there is no node object that anybody could see.
        logger.debug({ error }, "cannot delete the node object");
      }
    },
  };
}

/** Without a description, the machine or its packages are still to be made. */
async function stateOf(description: MachineDescription | undefined, clusterFolder: string): Promise<StepState> {
  if (!description) return { state: "missing", reason: "is not there" };
  const reason = await findDifference(description, clusterFolder);
  return reason === undefined ? { state: "done" } : { state: "missing", reason };
}

interface FoundRuntime {
  readonly description: MachineDescription;
  readonly nodePaths: NodePaths;
  readonly snapshotter: "overlayfs" | "native";
  readonly tools: HostTools;
}

/** Undefined while the machine or the tools are missing. */
async function describeRuntimeOf(
  input: PlanInput,
  spec: MachineSpec,
  signal: AbortSignal,
): Promise<FoundRuntime | undefined> {
  const { config, exec } = input;
  const machine = await input.provider.findMachine(providerContext(input, signal), spec);
  const { tools } = findHostTools();
  if (!machine || !tools) return undefined;
  const places = nodePaths(machine);
  const snapshotter = await chooseSnapshotter(machine.handle["folder"]!, exec);
  const traits = {
    tools,
    snapshotter,
    restrictOomScoreAdj: !(await mayLowerOomScore()),
    mirrors: config.images.mirrors,
    resolver: await findResolver(),
  };
  return { description: describeRuntime(config.name, machine, places, traits), nodePaths: places, snapshotter, tools };
}

async function requireRuntime(input: PlanInput, spec: MachineSpec, signal: AbortSignal): Promise<FoundRuntime> {
  const found = await describeRuntimeOf(input, spec, signal);
  if (!found) throw new Error(`machine ${spec.name} or its packages are missing`);
  return found;
}

interface FoundAgent {
  readonly description: MachineDescription;
  readonly machine: Machine;
  readonly nodePaths: NodePaths;
}

async function describeAgentOf(
  input: PlanInput,
  spec: MachineSpec,
  signal: AbortSignal,
): Promise<FoundAgent | undefined> {
  const { config, paths, programs } = input;
  const machine = await input.provider.findMachine(providerContext(input, signal), spec);
  const { tools } = findHostTools();
  if (!machine || !tools) return undefined;
  const places = nodePaths(machine);
  const description = describeAgent(config, machine, places, {
    tools,
    clusterDNS: dnsAddress(config.network.serviceCIDR),
    resolver: await findResolver(),
    authority: join(paths.pki, "ca.crt"),
    identityMark: `${await markOfFiles(identityFiles(places, paths.pki))}${programs.version ?? ""}`,
    processArguments: (optionsFile) => programs.process("agent", optionsFile),
  });
  return { description, machine, nodePaths: places };
}

/** The certificates and kubeconfigs of what runs in the agent: each component acts in its own name. */
async function writeIdentities(
  input: PlanInput,
  machine: Machine,
  places: NodePaths,
  signal: AbortSignal,
): Promise<void> {
  const { authority } = await readPki(input, signal);
  const node = await ensureNodePki(places.pki, authority, machine);
  const clients = await Promise.all(
    componentUsers.map(([user, commonName]) => ensureClientCertificate(places.pki, authority, user, commonName)),
  );
  const server = await machineSideServer(input, signal);
  const identities = [["kubelet", node.client], ...componentUsers.map(([user], at) => [user, clients[at]!])] as const;
  for (const [user, client] of identities as readonly (readonly [NodeUser, KeyPair])[]) {
    const text = renderKubeconfig({ name: user, server, authority: authority.certificate, client });
    await writeFileAtomic(places.kubeconfig(user), text, 0o600);
  }
}

/** What the agent reads when it starts. */
function identityFiles(places: NodePaths, pki: string): string[] {
  const users = ["kubelet", ...componentUsers.map(([user]) => user)] as readonly NodeUser[];
  return [join(pki, "ca.crt"), join(places.pki, "kubelet.crt"), ...users.map((user) => places.kubeconfig(user))];
}

/** Those in the agent besides the kubelet, and the names they have. */
const componentUsers: readonly (readonly [NodeUser, string])[] = [
  ["proxy", "system:kube-proxy"],
  ["dns", dnsUser],
  ["storage", storageUser],
];

/** Whether writeIdentities would change nothing. */
async function hasIdentities(
  input: PlanInput,
  { machine, nodePaths: places }: FoundAgent,
  signal: AbortSignal,
): Promise<boolean> {
  const pki = await findPki(input, signal);
  if (!pki) return false;
  const { authority } = pki;
  const node = await readNodePki(places.pki, authority, machine);
  const others = await Promise.all(
    componentUsers.map(([user, commonName]) => readClientCertificate(places.pki, authority, user, commonName)),
  );
  if (!node || others.some((pair) => pair === undefined)) return false;
  const text = await readFileIfExists(places.kubeconfig("kubelet"));
  return text?.includes(Buffer.from(authority.certificate).toString("base64")) ?? false;
}

/** The API server as machines reach it. */
async function machineSideServer(input: PlanInput, signal: AbortSignal): Promise<string> {
  const network = await input.provider.findNetwork(providerContext(input, signal));
  const options = JSON.parse(await readFile(input.paths.controlPlaneOptions, "utf8")) as { port: number };
  return `https://${network?.controlPlaneAddress ?? "127.0.0.1"}:${options.port}`;
}
