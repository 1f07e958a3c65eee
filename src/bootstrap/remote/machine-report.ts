// The report on a machine that was set up by a connection, and what it tells: whether the machine is as described, and if not, why.

import { createHash } from "node:crypto";
import type { MachineConnection } from "#provision";
import type { MachineDescription } from "../machine-description.ts";
import { type BootstrapReport, hashDescription, parseReport, reportPath } from "../report.ts";

/** With what each part of the description was, so that a later run can say which one changed; no content, so no secrets. */
export interface MachineReport extends BootstrapReport {
  readonly machine?: string;
  /** Digests by "file /etc/x", "unit y", "artifact z", "command …" and "packages". */
  readonly items?: Readonly<Record<string, string>>;
  /** All items that were ever tried to be put there: what a removal takes away. */
  readonly touched?: readonly string[];
  /** Programs were sent that no unit was started with yet. */
  readonly restartPending?: boolean;
  /** Why it failed. */
  readonly problem?: string;
}

export async function readMachineReport(connection: MachineConnection): Promise<MachineReport | undefined> {
  const bytes = await connection.readFile(reportPath);
  return bytes && parseReport(Buffer.from(bytes).toString("utf8"));
}

export async function writeMachineReport(connection: MachineConnection, report: MachineReport): Promise<void> {
  await connection.writeFile(reportPath, `${JSON.stringify(report, null, 2)}\n`, 0o600);
}

export function digestItems(description: MachineDescription): Record<string, string> {
  const items: Record<string, string> = {};
  for (const artifact of description.artifacts ?? []) items[`artifact ${artifact.path}`] = digest(artifact);
  if (description.packages?.length) items["packages"] = digest(description.packages);
  for (const { path, content, mode = 0o644 } of description.files) items[`file ${path}`] = digest([content, mode]);
  for (const command of description.commands) {
    items[`command ${command.title ?? command.argv.join(" ")}`] = digest(command.argv);
  }
  for (const unit of description.units) items[`unit ${unit.name}`] = digest(unit);
  return items;
}

/** Whether what takes longest to bring is there: the description's artifacts and packages. */
export function isPrepared(description: MachineDescription, report: MachineReport | undefined): boolean {
  const wanted = Object.entries(digestItems(description)).filter(([item]) => isPreparation(item));
  return wanted.every(([item, digest]) => report?.items?.[item] === digest);
}

/** Whether the machine was once set up to its end: what is only prepared is nothing yet. */
export function wasSetUp(report: MachineReport | undefined): boolean {
  return Object.keys(report?.items ?? {}).some((item) => !isPreparation(item));
}

export function isPreparation(item: string): boolean {
  return item === "packages" || item.startsWith("artifact ");
}

/** What is not as described, in words for a plan; undefined where the machine was set up by just this description. */
export function findReportedDifference(
  description: MachineDescription,
  report: MachineReport | undefined,
): string | undefined {
  if (!report) return "was never set up";
  if (report.state !== "done") return report.state === "failed" ? "setting it up failed" : "was interrupted";
  if (report.description === hashDescription(description)) return undefined;
  const [before, after] = [report.items ?? {}, digestItems(description)];
  const changed = Object.keys({ ...before, ...after }).filter((item) => before[item] !== after[item]);
  // A unit changes with what its process reads, which says more.
  const telling = changed.filter((item) => !item.startsWith("unit "));
  const names = (telling.length > 0 ? telling : changed).map((item) => item.split("/").at(-1)!);
  return names.length === 0 ? "settings changed" : `settings changed (${names.join(", ")})`;
}

function digest(value: unknown): string {
  const bytes = (_: string, part: unknown) =>
    part instanceof Uint8Array ? Buffer.from(part).toString("base64") : part;
  return createHash("sha256").update(JSON.stringify(value, bytes)).digest("hex").slice(0, 16);
}
