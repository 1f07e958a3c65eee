// Phase 2, what the cluster has once: packages on this host, certificates, the supervisor, the control plane, kubeconfigs.

import { join } from "node:path";
import {
  type ClusterPki,
  type ClusterPkiOptions,
  claimPort,
  contextName,
  describeControlPlane,
  ensureClusterPki,
  findDifference,
  findHostTools,
  install,
  installPackages,
  isInKubeconfig,
  isRotationSettled,
  type KubeconfigEntry,
  type MachineDescription,
  markOfPki,
  mergeIntoKubeconfig,
  readClusterPki,
  readPort,
  removeFromKubeconfig,
  removeUnit,
  renderKubeconfig,
  settleRotation,
  startSupervisor,
  stopSupervisor,
  supervisorStatus,
} from "#bootstrap";
import { isSimulatedCluster } from "#config";
import { readFileIfExists, writeFileAtomic } from "#shared";
import { type PlanInput, providerContext } from "../plan-input.ts";
import type { Step, StepState } from "../step.ts";
import { networkStep } from "./provision-steps.ts";

export const packagesStep = "bootstrap/packages";
export const certificatesStep = "bootstrap/certificates";
export const supervisorStep = "bootstrap/supervisor";
export const controlPlaneStep = "bootstrap/control-plane";
export const kubeconfigStep = "bootstrap/kubeconfig";

const done: StepState = { state: "done" };

/** Packages are the host's own and stay when the cluster goes. */
export function createPackagesStep({ exec, artifacts }: PlanInput): Step {
  return {
    id: packagesStep,
    phase: "bootstrap",
    title: "Install packages",
    needs: [],
    async check() {
      const found = findHostTools();
      return found.tools ? done : { state: "missing", reason: `${found.missing.join(", ")} missing` };
    },
    async apply({ signal, report }) {
      const found = findHostTools();
      if (found.tools) return;
      const repository = await artifacts.packageRepository();
      await installPackages(found.missing, { exec, signal, report, repository: repository?.folder });
    },
  };
}

export function createCertificatesStep(input: PlanInput): Step {
  const { config, paths } = input;
  return {
    id: certificatesStep,
    phase: "bootstrap",
    title: "Make certificates",
    needs: isSimulatedCluster(config) ? [] : [networkStep],
    async check({ signal }) {
      if (!(await isRotationSettled(paths.pki))) return { state: "missing", reason: "an authority is being rotated" };
      const pki = await readClusterPki(paths.pki, await pkiOptions(input, signal));
      return pki ? done : { state: "missing", reason: "not all there, or not fitting" };
    },
    async apply({ signal }) {
      await settleRotation(paths.pki);
      await ensureClusterPki(paths.pki, await pkiOptions(input, signal));
    },
  };
}

export function createSupervisorStep({ config, paths, programs }: PlanInput): Step {
  return {
    id: supervisorStep,
    phase: "bootstrap",
    title: "Start the supervisor",
    needs: [],
    async check() {
      return (await supervisorStatus(paths.folder)) ? done : { state: "missing", reason: "does not run" };
    },
    apply: ({ signal }) =>
      startSupervisor({
        cluster: config.name,
        clusterFolder: paths.folder,
        argv: programs.process("supervisor", paths.folder),
        prepareArgv: [
          "/usr/bin/env",
          `SLIPWAY_HOME=${paths.home}`,
          ...programs.command("provision", "--at-boot", "--quiet", "--name", config.name),
        ],
        signal,
      }),
    undo: () => stopSupervisor(config.name, paths.folder),
  };
}

export function createControlPlaneStep(input: PlanInput): Step {
  const { paths, exec, config } = input;
  return {
    id: controlPlaneStep,
    phase: "bootstrap",
    title: "Start the control plane",
    needs: [certificatesStep, supervisorStep],
    async check({ signal }) {
      const port = readPort(paths.controlPlaneOptions);
      if (port === undefined) return { state: "missing", reason: "was never started" };
      const reason =
        (await findDifference(await describe(input, port, signal), paths.folder)) ??
        ((await hasKubeconfig(input, port, signal)) ? undefined : "the admin's certificate changed");
      return reason === undefined ? done : { state: "differs", reason, change: "in place" };
    },
    async apply({ signal }) {
      const { addresses } = await addressesOf(input, signal);
      const port = await claimPort(config, {
        optionsFile: paths.controlPlaneOptions,
        addresses,
        claim: async (claimed) => {
          const [options] = (await describe(input, claimed, signal)).files;
          await writeFileAtomic(paths.controlPlaneOptions, options!.content);
        },
      });
      await writeFileAtomic(paths.kubeconfig, renderKubeconfig(await adminEntry(input, port, signal)), 0o600);
      await install(await describe(input, port, signal), { clusterFolder: paths.folder, exec, signal });
    },
    undo: () => removeUnit(paths.folder, "control-plane"),
  };
}

export function createKubeconfigStep(input: PlanInput): Step {
  const { paths, userKubeconfig, config } = input;
  return {
    id: kubeconfigStep,
    phase: "bootstrap",
    title: "Write the kubeconfig",
    needs: [controlPlaneStep],
    async check({ signal }) {
      if (!userKubeconfig) return done;
      const port = readPort(paths.controlPlaneOptions);
      if (port === undefined) return { state: "missing", reason: "there is no API server yet" };
      const noted = (await readFileIfExists(paths.kubeconfigNote)) !== undefined;
      const isThere = noted && (await isInKubeconfig(userKubeconfig, await adminEntry(input, port, signal)));
      return isThere ? done : { state: "missing", reason: `${contextName(config.name)} is not the current context` };
    },
    async apply({ signal }) {
      const port = readPort(paths.controlPlaneOptions);
      if (!userKubeconfig || port === undefined) return;
      await mergeIntoKubeconfig(userKubeconfig, await adminEntry(input, port, signal), paths.kubeconfigNote);
    },
    undo: () => removeFromKubeconfig(contextName(config.name), paths.kubeconfigNote),
  };
}

/** Whether the cluster's own kubeconfig has the certificates there are. */
async function hasKubeconfig(input: PlanInput, port: number, signal: AbortSignal): Promise<boolean> {
  if (!(await findPki(input, signal))) return false;
  const wanted = renderKubeconfig(await adminEntry(input, port, signal));
  return (await readFileIfExists(input.paths.kubeconfig)) === wanted;
}

/** The cluster's certificates, which must have been made. */
export async function readPki(input: PlanInput, signal: AbortSignal): Promise<ClusterPki> {
  const pki = await findPki(input, signal);
  if (!pki) throw new Error(`Cannot read the certificates in ${input.paths.pki}: not all there, or not fitting`);
  return pki;
}

/** The same; undefined where they are still to be made, or made anew. */
export async function findPki(input: PlanInput, signal: AbortSignal): Promise<ClusterPki | undefined> {
  return readClusterPki(input.paths.pki, await pkiOptions(input, signal));
}

async function pkiOptions(input: PlanInput, signal: AbortSignal): Promise<ClusterPkiOptions> {
  const { network, name } = input.config;
  const { machineSide } = await addressesOf(input, signal);
  return {
    serviceCIDR: network.serviceCIDR,
    dnsDomain: network.dnsDomain,
    apiServerNames: [contextName(name)],
    apiServerAddresses: machineSide === undefined ? [] : [machineSide],
  };
}

/** Where the API server listens; `machineSide` is where machines reach it. */
async function addressesOf(input: PlanInput, signal: AbortSignal) {
  const simulated = isSimulatedCluster(input.config);
  const network = simulated ? undefined : await input.provider.findNetwork(providerContext(input, signal));
  const machineSide = network?.controlPlaneAddress;
  return { machineSide, addresses: ["127.0.0.1", ...(machineSide === undefined ? [] : [machineSide])] };
}

async function describe(input: PlanInput, port: number, signal: AbortSignal): Promise<MachineDescription> {
  const { config, paths, programs } = input;
  const { machineSide } = await addressesOf(input, signal);
  const place = {
    storeFolder: paths.store,
    pkiFolder: paths.pki,
    pkiMark: `${await markOfPki(paths.pki)}${programs.version ?? ""}`,
    auditLog: join(paths.logs, "audit.log"),
    optionsFile: paths.controlPlaneOptions,
    port,
    machineSideAddress: machineSide,
  };
  return describeControlPlane(config, place, (optionsFile) => programs.process("control-plane", optionsFile));
}

async function adminEntry(input: PlanInput, port: number, signal: AbortSignal): Promise<KubeconfigEntry> {
  const pki = await readPki(input, signal);
  return {
    name: contextName(input.config.name),
    server: `https://127.0.0.1:${port}`,
    authority: pki.authority.certificate,
    client: pki.admin,
  };
}
