// Phase 2 of a cluster whose machines are elsewhere, per machine: what takes long is brought as soon as the machine is there; then it
// becomes a node, when its turn has come.

import { join } from "node:path";
import { deleteNode, ensureBootstrapToken, noteMachines, withClusterClient } from "#addons";
import {
  type BootstrapInput,
  carryOut,
  findRemoteDifference,
  hashDescription,
  isPrepared,
  type MachineDescription,
  type MachineReport,
  prepareMachine,
  type RemoteTarget,
  readMachineReport,
  readPlatform,
  takeOff,
} from "#bootstrap";
import type { MachineConnection, MachineSpec } from "#provision";
import { describeError, readFileIfExists, removeIfExists, writeFileAtomic } from "#shared";
import { type PlanInput, wantedMachines } from "../plan-input.ts";
import type { Step, StepContext, StepState } from "../step.ts";
import { certificatesStep } from "../steps/host-steps.ts";
import { machinesFile, type RecordedMachine, recordMachine } from "./machines-file.ts";
import {
  type BootstrapInputOptions,
  bootstrapInput,
  recordedMachine,
  recordedMachines,
  remoteOf,
  withConnection,
} from "./remote-cluster.ts";
import { awaitSelfSetup } from "./self-setup.ts";
import { deleteTokensOf, expectedPlatform, setsItselfUp, withoutAddress } from "./user-data.ts";

export function prepareStep(machine: string): string {
  return `bootstrap/prepare/${machine}`;
}

export function joinStep(machine: string): string {
  return `bootstrap/machine/${machine}`;
}

/** The copy, on this machine, of what became of a machine's bootstrap. */
export function reportFile(folder: string, machine: string): string {
  return join(folder, "reports", `${machine}.json`);
}

/** `needs` is what makes this machine and the control planes'. */
export function createPrepareStep(input: PlanInput, spec: MachineSpec, needs: readonly string[]): Step {
  return {
    id: prepareStep(spec.name),
    phase: "bootstrap",
    title: `Bring programs to ${spec.name}`,
    needs: [...needs, certificatesStep],
    async check({ signal }) {
      const report = await readCopy(input, spec.name);
      const description = await describeAsBrought(input, spec, signal);
      if (!description) return { state: "missing", reason: "were never brought" };
      return isPrepared(description, report) ? done : { state: "missing", reason: "others are wanted" };
    },
    async apply(context) {
      const machine = await requireMachine(input, spec.name);
      await onMachine(input, machine, context, async ({ description, target }) => {
        await prepareMachine(description, target);
      });
    },
    // Where it has joined, it was cleared when it left.
    async undo(context) {
      const machine = await recordedMachine(input, spec.name);
      const wasBrought = (await readCopy(input, spec.name)) !== undefined;
      if (machine && wasBrought && staysThere(input)) await takeOffMachine(input, machine, context);
      await removeIfExists(reportFile(input.paths.folder, spec.name));
    },
  };
}

const done: StepState = { state: "done" };

/** `needs` is what must have joined before. */
export function createJoinStep(input: PlanInput, spec: MachineSpec, needs: readonly string[]): Step {
  return {
    id: joinStep(spec.name),
    phase: "bootstrap",
    title: `Make ${spec.name} a ${spec.role === "worker" ? "node" : "control plane"}`,
    needs: [prepareStep(spec.name), ...needs],
    check: (context) => checkMachine(input, spec, context),
    apply: (context) => joinMachine(input, spec, context),
    undo: (context) => leaveMachine(input, spec, context),
  };
}

/** The same for a machine that sets itself up at its first boot; there is no step before it that brings programs. */
export function createSelfJoinStep(input: PlanInput, spec: MachineSpec, needs: readonly string[]): Step {
  return {
    ...createJoinStep(input, spec, needs),
    title: `Wait for ${spec.name} to set itself up`,
    needs,
    apply: (context) => joinByItself(input, spec, context),
  };
}

async function checkMachine(input: PlanInput, spec: MachineSpec, { signal, logger }: StepContext): Promise<StepState> {
  const machine = await recordedMachine(input, spec.name);
  if (!machine) return { state: "missing", reason: "is not there" };
  // What it was given it was given once: other settings are for machines to come.
  if (machine.access.kind === "none" && machine.duty !== undefined) return done;
  try {
    const reason = await withConnection(input, machine, {
      signal,
      action: async (connection) => {
        const platform = await readPlatform(connection, signal);
        const report = await readMachineReport(connection);
        const { description } = await describeFor(input, spec, { platform, report, signal });
        return findRemoteDifference(description, { connection, signal });
      },
    });
    if (reason === undefined) return done;
    return machine.duty === undefined ? { state: "missing", reason } : { state: "differs", reason, change: "in place" };
  } catch (error) {
    signal.throwIfAborted();
    logger.debug({ error: describeError(error) }, "cannot look at the machine");
    return { state: "missing", reason: `cannot be looked at: ${describeError(error)}` };
  }
}

async function joinMachine(input: PlanInput, spec: MachineSpec, context: StepContext): Promise<void> {
  const { signal, clock } = context;
  const { distribution } = remoteOf(input);
  const { kubeconfig, folder } = input.paths;
  const machine = await requireMachine(input, spec.name);
  await onMachine(input, machine, context, async ({ description, bootstrap, target }) => {
    const joins = bootstrap.duty !== "init";
    if (joins) {
      await withClusterClient(kubeconfig, async (client) => {
        await noteMachines(client, { [machine.name]: { addresses: [machine.address] } }, signal);
        if (distribution.joinsByBootstrapToken) await ensureBootstrapToken(client, bootstrap.token, { signal, clock });
      });
    }
    // Noted before: a machine that is half set up must not be taken for a new one.
    await recordMachine(machinesFile(folder), spec.name, (before) => before && { ...before, duty: bootstrap.duty });
    await carryOut(description, target);
  });
}

/** Waits for it; what it has begun and not ended, or what is to be otherwise by now, is carried out over its connection. */
async function joinByItself(input: PlanInput, spec: MachineSpec, context: StepContext): Promise<void> {
  const { signal } = context;
  const { folder, kubeconfig } = input.paths;
  const machine = await requireMachine(input, spec.name);
  if (await needsHand(input, machine, context)) {
    context.report("goes on over SSH");
    await joinMachine(input, spec, context);
  } else {
    const platform = expectedPlatform(input.config);
    const { duty, token } = await bootstrapInput(input, spec, { platform, report: undefined, signal });
    // Of the one that starts the cluster, the step after this one sees whether it is there.
    if (duty !== "init") {
      await withClusterClient(kubeconfig, async (client) => {
        await noteMachines(client, { [machine.name]: { addresses: [machine.address] } }, signal);
        if (remoteOf(input).machines && remoteOf(input).distribution.joinsByBootstrapToken)
          await ensureBootstrapToken(client, token, { signal, clock: context.clock });
      });
      const setup = await awaitSelfSetup(input, machine, context);
      if (setup) await writeCopy(folder, machine.name, { ...setup.report, platform: setup.platform });
    }
    await recordMachine(machinesFile(folder), spec.name, (before) => before && { ...before, duty });
    if (duty === "init") return;
  }
  await deleteTokensOf(input, machine.name, signal);
}

/** Whether it has ended, and not as it is wanted now. */
async function needsHand(input: PlanInput, machine: RecordedMachine, { signal }: StepContext): Promise<boolean> {
  if (machine.access.kind === "none") return false;
  const action = async (connection: MachineConnection) => {
    const report = await readMachineReport(connection);
    if (report?.state === "failed") return true;
    // One that says for which machine it is was written over a connection, by somebody who is gone.
    if (report?.state === "running") return report.machine !== undefined;
    if (!report) return false;
    const platform = await readPlatform(connection, signal);
    const { description } = await describeFor(input, machine, { platform, report, signal });
    return report.description !== hashDescription(description);
  };
  return withConnection(input, machine, { signal, action }).catch(() => {
    signal.throwIfAborted();
    return false;
  });
}

/** Takes it out of the cluster; and where the machine stays, the cluster off the machine. */
async function leaveMachine(input: PlanInput, spec: MachineSpec, context: StepContext): Promise<void> {
  const { signal, logger } = context;
  const { folder, kubeconfig } = input.paths;
  const machine = await recordedMachine(input, spec.name);
  if (machine?.role === "control-plane") await tellOthers(input, machine, context);
  try {
    await withClusterClient(kubeconfig, async (client) => {
      await deleteNode(client, spec.name, signal);
      await noteMachines(client, { [spec.name]: undefined }, signal);
    });
  } catch (error) {
    signal.throwIfAborted();
    // Without an API server there is no node object that anybody could see.
    logger.debug({ error: describeError(error) }, "cannot delete the node object");
  }
  if (machine && staysThere(input)) await takeOffMachine(input, machine, context);
  await removeIfExists(reportFile(folder, spec.name));
  await recordMachine(machinesFile(folder), spec.name, (before) => before && withoutDuty(before));
}

function withoutDuty({ duty: _, ...machine }: RecordedMachine): RecordedMachine {
  return machine;
}

function staysThere({ provider, remote }: PlanInput): boolean {
  return provider.machinesStay === true || remote?.machines !== undefined;
}

/** A control plane that goes while others stay is no member of anything any more: one of the others sees to that. */
async function tellOthers(input: PlanInput, machine: RecordedMachine, context: StepContext): Promise<void> {
  const { signal } = context;
  const { distribution } = remoteOf(input);
  const wanted = new Set(wantedMachines(input).map(({ name }) => name));
  const others = (await recordedMachines(input)).filter(
    ({ name, role, duty }) => role === "control-plane" && duty !== undefined && wanted.has(name),
  );
  if (wanted.has(machine.name) || others.length === 0 || !distribution.describeLeave) return;
  const { commands } = distribution.describeLeave({ config: input.config, machine });
  await withConnection(input, others[0]!, {
    signal,
    action: async (connection) => {
      for (const { argv, title = argv.join(" ") } of commands) {
        context.report(title);
        await connection.exec(argv, { signal });
      }
    },
  });
}

async function takeOffMachine(input: PlanInput, machine: RecordedMachine, context: StepContext): Promise<void> {
  const { signal, report } = context;
  if (machine.access.kind === "none") return report("nobody gets onto it: what it was given stays there");
  const removal = remoteOf(input).distribution.describeRemoval({ config: input.config, machine });
  await withConnection(input, machine, {
    signal,
    action: (connection) => takeOff(removal, { machine: machine.name, connection, signal, report }),
  });
}

/** What a report on this machine says besides: enough to tell later, without a connection, what was brought. */
interface ReportCopy extends MachineReport {
  readonly platform: string;
}

async function readCopy({ paths }: PlanInput, machine: string): Promise<ReportCopy | undefined> {
  const text = await readFileIfExists(reportFile(paths.folder, machine));
  return text === undefined ? undefined : (JSON.parse(text) as ReportCopy);
}

function writeCopy(folder: string, machine: string, copy: ReportCopy): Promise<void> {
  return writeFileAtomic(reportFile(folder, machine), `${JSON.stringify(copy, null, 2)}\n`, 0o600);
}

/** What the machine is to become, as far as its copy of a report tells what it is; undefined where nothing was ever brought there. */
export async function describeAsBrought(
  input: PlanInput,
  spec: MachineSpec,
  signal: AbortSignal,
): Promise<MachineDescription | undefined> {
  const report = await readCopy(input, spec.name);
  return report && (await describeFor(input, spec, { platform: report.platform, report, signal })).description;
}

interface Described {
  readonly description: MachineDescription;
  readonly bootstrap: BootstrapInput;
}

async function describeFor(input: PlanInput, spec: MachineSpec, options: BootstrapInputOptions): Promise<Described> {
  const known = await bootstrapInput(input, spec, options);
  const bootstrap = setsItselfUp(input, spec) ? withoutAddress(known) : known;
  return { bootstrap, description: await remoteOf(input).distribution.describeMachine(bootstrap) };
}

async function onMachine(
  input: PlanInput,
  machine: RecordedMachine,
  { signal, clock, report }: StepContext,
  action: (means: Described & { readonly target: RemoteTarget }) => Promise<void>,
): Promise<void> {
  const use = async (connection: MachineConnection) => {
    const platform = await readPlatform(connection, signal);
    const reported = await readMachineReport(connection);
    const described = await describeFor(input, machine, { platform, report: reported, signal });
    const target: RemoteTarget = {
      machine: machine.name,
      connection,
      artifacts: input.artifacts,
      signal,
      clock,
      secrets: [described.bootstrap.token],
      report,
      onReport: (found) => writeCopy(input.paths.folder, machine.name, { ...found, platform }),
    };
    await action({ ...described, target });
  };
  await withConnection(input, machine, { signal, action: use });
}

async function requireMachine(input: PlanInput, name: string): Promise<RecordedMachine> {
  const machine = await recordedMachine(input, name);
  if (!machine) throw new Error(`machine ${name} is not there`);
  return machine;
}
