// Waits for a machine that sets itself up: until its own report says that it is done, or why it failed; where nobody gets onto it, until
// its node is there.

import { hasNode, withClusterClient } from "#addons";
import { failedCommand, type MachineReport, readMachineReport, readPlatform } from "#bootstrap";
import type { MachineConnection } from "#provision";
import { anyCode, describeError, exitCodes, UserError } from "#shared";
import type { PlanInput } from "../plan-input.ts";
import type { StepContext } from "../step.ts";
import type { RecordedMachine } from "./machines-file.ts";
import { withConnection } from "./remote-cluster.ts";

/** Packages may come from far away. */
const timeoutMs = 15 * 60_000;
const lookEveryMs = 1_000;

export interface SelfSetup {
  readonly report: MachineReport;
  readonly platform: string;
}

type Seen =
  | { readonly state: "waiting"; readonly doing: string }
  | { readonly state: "failed"; readonly error: UserError }
  /** `setup` is absent where nobody can read it. */
  | { readonly state: "done"; readonly setup?: SelfSetup };

/** What the machine says of itself when all is done. Throws a UserError that says why it failed, or how far it came in 15 minutes. */
export async function awaitSelfSetup(
  input: PlanInput,
  machine: RecordedMachine,
  { signal, clock, logger, report }: StepContext,
): Promise<SelfSetup | undefined> {
  const deadline = clock.now() + timeoutMs;
  for (;;) {
    const seen = await look(input, machine, signal).catch((error: unknown): Seen => {
      signal.throwIfAborted();
      logger.debug({ machine: machine.name, error: describeError(error) }, "cannot look at the machine yet");
      return { state: "waiting", doing: "boots" };
    });
    if (seen.state === "done") return seen.setup;
    if (seen.state === "failed") throw seen.error;
    report(seen.doing);
    if (clock.now() > deadline) throw tookTooLong(machine, seen.doing);
    await clock.sleep(lookEveryMs, signal);
  }
}

async function look(input: PlanInput, machine: RecordedMachine, signal: AbortSignal): Promise<Seen> {
  const seen: Seen =
    machine.access.kind === "none"
      ? { state: "done" }
      : await withConnection(input, machine, {
          signal,
          action: (connection) => lookThere(machine, connection, signal),
        });
  if (seen.state !== "done") return seen;
  const isThere = await withClusterClient(input.paths.kubeconfig, (client) => hasNode(client, machine.name, signal));
  if (isThere) return seen;
  return { state: "waiting", doing: "its node is not there yet" };
}

async function lookThere(machine: RecordedMachine, connection: MachineConnection, signal: AbortSignal): Promise<Seen> {
  const report = await readMachineReport(connection);
  if (!report) return lookAtCloudInit(machine, connection, signal);
  const failed = failedCommand(report);
  if (report.state === "failed" || failed) return { state: "failed", error: describeFailure(machine, report) };
  if (report.state === "done") {
    return { state: "done", setup: { report, platform: await readPlatform(connection, signal) } };
  }
  return { state: "waiting", doing: `has done: ${report.commands.at(-1)?.title ?? "nothing yet"}` };
}

/** It starts what writes the report; where it ended without, there will be none. */
async function lookAtCloudInit(
  machine: RecordedMachine,
  connection: MachineConnection,
  signal: AbortSignal,
): Promise<Seen> {
  const { stdout } = await connection.exec(["cloud-init", "status", "--long"], { signal, okCodes: anyCode });
  const status = /^status: (.*)$/m.exec(stdout)?.[1];
  // It says "error" as soon as any part of it failed, and goes on: it has ended when its result is there.
  const hasEnded = status === "disabled" || (await connection.readFile("/run/cloud-init/result.json")) !== undefined;
  // What was written between the looks counts.
  if (status === undefined || !hasEnded || (await readMachineReport(connection))) {
    return { state: "waiting", doing: "cloud-init is at work" };
  }
  const error = new UserError(`${machine.name}: cloud-init ended (${status}) without setting the machine up`, {
    hints: [
      ...stdout.trim().split("\n").slice(0, 12),
      "The machine says more in /var/log/cloud-init.log and /var/log/cloud-init-output.log.",
      ...waysOut(machine),
    ],
    exitCode: exitCodes.bootstrap,
  });
  return { state: "failed", error };
}

const outputLines = 8;

function describeFailure(machine: RecordedMachine, report: MachineReport): UserError {
  const { title, exitCode, output } = failedCommand(report) ?? { title: "Set it up", exitCode: 1, output: "" };
  const lines = output.trim().split("\n");
  const why = lines.at(-1) || report.problem || "it said nothing";
  return new UserError(`${machine.name}: ${title}: exit code ${exitCode}: ${why}`, {
    hints: [
      ...lines.slice(-outputLines - 1, -1).map((line) => `  ${line}`),
      `All it did: slipway logs --machine ${machine.name}`,
      ...waysOut(machine),
    ],
    exitCode: exitCodes.bootstrap,
  });
}

function tookTooLong(machine: RecordedMachine, doing: string): UserError {
  const isOpen = machine.access.kind !== "none";
  return new UserError(`${machine.name} has not set itself up after ${timeoutMs / 60_000} minutes: ${doing}`, {
    hints: [
      isOpen
        ? `What it did: slipway logs --machine ${machine.name}`
        : `Look on its console (${machine.address}): /var/lib/slipway/bootstrap/report.json and /var/log/cloud-init-output.log say how far it came.`,
      "It must reach the API, its package mirror, and what bootstrap.artifacts names.",
      ...waysOut(machine),
    ],
    exitCode: exitCodes.bootstrap,
  });
}

function waysOut({ name, access }: RecordedMachine): string[] {
  const anew = `Put a new machine in its place: slipway node replace ${name} --force`;
  return access.kind === "none" ? [anew] : ["`slipway up` goes on over SSH with what it has begun.", anew];
}
