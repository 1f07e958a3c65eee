// Carries out a machine description over a connection: artifacts, packages, files, commands, units, in this order. Whatever became of it
// stands in a report on the machine.

import { basename, join } from "node:path";
import type { MachineConnection } from "#provision";
import { anyCode, type Clock, CommandFailedError, describeError, systemClock } from "#shared";
import type { ArtifactSource } from "../artifacts/artifact.ts";
import type { CommandSpec, FileSpec, MachineDescription } from "../machine-description.ts";
import { hashDescription } from "../report.ts";
import {
  digestItems,
  findReportedDifference,
  isPreparation,
  type MachineReport,
  readMachineReport,
  writeMachineReport,
} from "./machine-report.ts";
import { createMask } from "./mask-secrets.ts";
import { findLackedPackages, installLacked } from "./remote-packages.ts";
import { sendArtifact } from "./send-artifacts.ts";
import { renderSystemdUnit, unitPath } from "./systemd-unit.ts";
import { TaskRunner } from "./task-runner.ts";

export interface RemoteTarget {
  /** The machine's name, for messages. */
  readonly machine: string;
  readonly connection: MachineConnection;
  readonly artifacts: ArtifactSource;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  /** Never shown, besides what the description marks. */
  readonly secrets?: readonly string[];
  report?(detail: string): void;
  /** Gets what stands in the machine's report, when it is done or has failed. */
  onReport?(report: MachineReport): Promise<void>;
}

/** What of the machine is not as described, in words for a plan; undefined where all is, and runs. Changes nothing. */
export async function findRemoteDifference(
  description: MachineDescription,
  { connection, signal }: Pick<RemoteTarget, "connection" | "signal">,
): Promise<string | undefined> {
  const difference = findReportedDifference(description, await readMachineReport(connection));
  if (difference !== undefined || description.units.length === 0) return difference;
  const names = description.units.map(({ name }) => name);
  const { stdout } = await connection.exec(["systemctl", "is-active", ...names], { signal, okCodes: [0, 1, 2, 3, 4] });
  const states = stdout.trim().split("\n");
  const idle = names.filter((_, index) => states[index]?.trim() !== "active");
  return idle.length > 0 ? `${idle.join(", ")} ${idle.length === 1 ? "does" : "do"} not run` : undefined;
}

/**
 * Brings the machine to what is described; may be called again after a crash or a failure at any point. Throws a UserError that names
 * machine, task, exit code and the end of what was written.
 */
export function carryOut(description: MachineDescription, target: RemoteTarget): Promise<MachineReport> {
  return run(description, target, async (bootstrap) => {
    await bootstrap.prepare();
    await bootstrap.finish();
    return { state: "done", items: digestItems(description), restartPending: false };
  });
}

/** Brings only what takes longest and changes nothing that runs: artifacts and packages. carryOut does the rest. */
export function prepareMachine(description: MachineDescription, target: RemoteTarget): Promise<MachineReport> {
  return run(description, target, async (bootstrap) => {
    await bootstrap.prepare();
    const prepared = Object.entries(digestItems(description)).filter(([item]) => isPreparation(item));
    const items = { ...bootstrap.earlier?.items, ...Object.fromEntries(prepared) };
    return { state: "running", items, restartPending: bootstrap.restartPending };
  });
}

type Outcome = Pick<MachineReport, "state" | "items" | "restartPending">;

/** Keeps the machine's report, whatever becomes of the work. */
async function run(
  description: MachineDescription,
  target: RemoteTarget,
  work: (bootstrap: Bootstrap) => Promise<Outcome>,
): Promise<MachineReport> {
  const { connection, clock = systemClock } = target;
  const earlier = await readMachineReport(connection);
  const mask = createMask(description, target.secrets);
  const runner = new TaskRunner({ ...target, clock, mask, report: target.report ?? (() => {}) });
  const bootstrap = new Bootstrap(description, { target, runner, earlier });
  const startedAt = new Date(clock.now()).toISOString();
  let mayChange = false;
  const describe = (outcome: Outcome, problem?: string): MachineReport => ({
    machine: target.machine,
    description: hashDescription(description),
    startedAt,
    commands: runner.done,
    // A machine that is not to be changed is not ours to clear, either.
    touched: [...new Set([...(earlier?.touched ?? []), ...(mayChange ? Object.keys(digestItems(description)) : [])])],
    ...outcome,
    ...(problem !== undefined && { problem }),
  });
  // What is not reached is not there.
  const unfinished = () => ({ items: earlier?.items ?? {}, restartPending: bootstrap.restartPending });
  try {
    await bootstrap.check();
    mayChange = true;
    await writeMachineReport(connection, describe({ state: "running", ...unfinished() }));
    const report = describe(await work(bootstrap));
    await writeMachineReport(connection, report);
    await target.onReport?.(report);
    return report;
  } catch (error) {
    const failed = describe({ state: "failed", ...unfinished() }, mask(describeError(error)));
    // Where the machine has gone, so has its report; the error tells.
    await writeMachineReport(connection, failed).catch(() => {});
    await target.onReport?.(failed);
    throw error;
  }
}

class Bootstrap {
  readonly earlier: MachineReport | undefined;
  readonly #description: MachineDescription;
  readonly #target: RemoteTarget;
  readonly #runner: TaskRunner;
  #restartPending: boolean;

  constructor(
    description: MachineDescription,
    { target, runner, earlier }: { target: RemoteTarget; runner: TaskRunner; earlier: MachineReport | undefined },
  ) {
    this.#description = description;
    this.#target = target;
    this.#runner = runner;
    this.earlier = earlier;
    this.#restartPending = earlier?.restartPending ?? false;
  }

  get restartPending(): boolean {
    return this.#restartPending;
  }

  async check(): Promise<void> {
    for (const check of this.#description.checks ?? []) await this.#runCommand(check);
    if (!this.#target.artifacts.isOnline) await this.#checkBundle();
  }

  /** What a bundle lacks is said before the machine is touched. */
  async #checkBundle(): Promise<void> {
    const { artifacts = [], packages = [] } = this.#description;
    const { artifacts: source, signal } = this.#target;
    if (artifacts.length > 0) {
      await this.#runner.task("Find its programs in the bundle", async () => {
        for (const { name } of artifacts) await source.locate(name, { signal });
        return { result: undefined };
      });
    }
    if (packages.length > 0) await findLackedPackages(packages, this.#target);
  }

  async prepare(): Promise<void> {
    await this.#sendArtifacts();
    await this.#sendImages();
    await this.#installPackages();
  }

  async finish(): Promise<void> {
    const { files, commands, units } = this.#description;
    if (files.length > 0) {
      await this.#runner.task(`Write ${files.length} files`, () => this.#writeFiles(files));
    }
    for (const command of commands) await this.#runCommand(command);
    if (units.length > 0) await this.#startUnits();
  }

  async #sendArtifacts(): Promise<void> {
    const { artifacts = [] } = this.#description;
    const { connection, signal } = this.#target;
    const items = digestItems(this.#description);
    for (const { name, path, mode } of artifacts) {
      const item = `artifact ${path}`;
      const { code } = await connection.exec(["test", "-e", path], { signal, okCodes: [0, 1] });
      if (code === 0 && this.earlier?.items?.[item] === items[item]) {
        this.#runner.skip(`Send ${name}`);
        continue;
      }
      await this.#runner.task(`Send ${name}`, async () => {
        const file = await this.#target.artifacts.locate(name, { signal });
        await sendArtifact(connection, file, { path, signal, ...(mode !== undefined && { mode }) });
        return { result: undefined };
      });
      this.#restartPending = true;
    }
  }

  /** Each once: an archive's name tells what is in it. */
  async #sendImages(): Promise<void> {
    const { imagesFolder } = this.#description;
    if (imagesFolder === undefined) return;
    const { connection, signal, artifacts } = this.#target;
    for (const archive of await artifacts.imageArchives()) {
      const name = basename(archive.path);
      const path = join(imagesFolder, name);
      const { code } = await connection.exec(["test", "-e", path], { signal, okCodes: [0, 1] });
      if (code === 0) continue;
      await this.#runner.task(`Send images ${name}`, async () => {
        // Their layers are packed already.
        await connection.uploadFile(archive.path, path, 0o644);
        return { result: undefined };
      });
    }
  }

  async #installPackages(): Promise<void> {
    const { packages = [] } = this.#description;
    if (packages.length === 0) return;
    const lacked = await findLackedPackages(packages, this.#target);
    const { names } = lacked;
    const title = `Install packages${names.length > 0 ? ` ${names.join(", ")}` : ""}`;
    if (names.length === 0) return this.#runner.skip(title);
    await this.#runner.task(title, async () => {
      return { output: await installLacked(lacked, this.#target), result: undefined };
    });
  }

  async #writeFiles(files: readonly FileSpec[]): Promise<{ output: string; result: undefined }> {
    for (const { path, content, mode } of files) await this.#target.connection.writeFile(path, content, mode ?? 0o644);
    return { output: files.map(({ path }) => `${path}\n`).join(""), result: undefined };
  }

  async #runCommand({ argv, creates, title = argv.join(" ") }: CommandSpec): Promise<void> {
    const { connection, signal } = this.#target;
    if (creates !== undefined) {
      const { code } = await connection.exec(["test", "-e", creates], { signal, okCodes: [0, 1] });
      if (code === 0) return this.#runner.skip(title);
    }
    await this.#runner.command(title, argv);
  }

  /** A unit is started anew only where it changed, or with new programs. */
  async #startUnits(): Promise<void> {
    const { units } = this.#description;
    const { connection, signal } = this.#target;
    const changed = new Set<string>();
    for (const unit of units) {
      const text = renderSystemdUnit(unit);
      const found = await connection.readFile(unitPath(unit.name));
      // Written by a run that came no further, it may not be what runs.
      const item = `unit ${unit.name}`;
      const isRun = this.earlier?.items?.[item] === digestItems(this.#description)[item];
      if (isRun && found && Buffer.from(found).toString("utf8") === text) continue;
      await connection.writeFile(unitPath(unit.name), text);
      changed.add(unit.name);
    }
    if (changed.size > 0) await connection.exec(["systemctl", "daemon-reload"], { signal });
    await connection.exec(["systemctl", "enable", "--quiet", ...units.map(({ name }) => name)], { signal });
    for (const { name } of units) {
      const mustRestart = changed.has(name) || this.#restartPending;
      await this.#startUnit(name, mustRestart ? "restart" : "start");
    }
  }

  async #startUnit(name: string, verb: "start" | "restart"): Promise<void> {
    const { connection, signal } = this.#target;
    const argv = ["systemctl", verb, name];
    await this.#runner.task(`Start ${name}`, async () => {
      const first = await connection.exec(argv, { signal, okCodes: anyCode });
      if (first.code === 0) return { result: undefined };
      // What it needs may just have been starting, too: systemd tries again as well.
      const again = await connection.exec(["systemctl", "start", name], { signal, okCodes: anyCode });
      if (again.code === 0) return { output: `${first.stderr}It started at the second try.\n`, result: undefined };
      const { code, stdout, stderr } = again;
      const log = await connection.exec(["journalctl", "-u", name, "-n", "12", "-o", "cat", "--no-pager"], {
        signal,
        okCodes: anyCode,
      });
      // The journal says why, systemctl only that.
      throw new CommandFailedError(argv, code, `${stdout}${stderr}`, log.stdout, `exit code ${code}`);
    });
  }
}
