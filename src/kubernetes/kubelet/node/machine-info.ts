// What a node tells of its machine: kernel, system, identity, and how much of everything there is. Reads files, nothing else.

import { readdir, readFile, statfs } from "node:fs/promises";
import { arch, cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import { formatQuantity, makeQuantity, type NodeSystemInfo, quantityMilliValue, quantityValue } from "#kubernetes/api";
import type { ResourceList } from "../pod/resources.ts";

export type MachineIdentity = Pick<
  NodeSystemInfo,
  "architecture" | "bootID" | "kernelVersion" | "machineID" | "operatingSystem" | "osImage" | "systemUUID" | "swap"
>;

const architectures: Readonly<Record<string, string>> = { x64: "amd64", arm: "arm", arm64: "arm64", ppc64: "ppc64le" };

/** As Go names it: "amd64". */
export function machineArchitecture(): string {
  return architectures[arch()] ?? arch();
}

export async function readMachineIdentity(): Promise<MachineIdentity> {
  const machineID = await firstFile(["/etc/machine-id", "/var/lib/dbus/machine-id"]);
  const swapKb = /^SwapTotal:\s+(\d+)/m.exec(await firstFile(["/proc/meminfo"]))?.[1] ?? "0";
  return {
    architecture: machineArchitecture(),
    bootID: await firstFile(["/proc/sys/kernel/random/boot_id"]),
    kernelVersion: release(),
    machineID,
    operatingSystem: "linux",
    osImage:
      /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(await firstFile(["/etc/os-release", "/usr/lib/os-release"]))?.[1] ?? "",
    systemUUID: (await firstFile(["/sys/class/dmi/id/product_uuid"])) || machineID,
    ...(Number(swapKb) > 0 && { swap: { capacity: Number(swapKb) * 1024 } }),
  };
}

/** All there is; `folder` lies on the disk that pods' files are on. */
export async function readCapacity(folder: string, maxPods: number): Promise<ResourceList> {
  const disk = await statfs(folder);
  return {
    cpu: String(cpus().length),
    memory: bytes(totalmem()),
    "ephemeral-storage": bytes(disk.blocks * disk.bsize),
    pods: String(maxPods),
    ...(await readHugePages()),
  };
}

export interface Reservations {
  /** For the system and Kubernetes itself. Default: nothing. */
  readonly reserved?: ResourceList;
  /** What eviction keeps free, as it is written: "100Mi" or "10%". */
  readonly evictionMemory: string;
  readonly evictionDisk: string;
}

/** What pods may have of it. */
export function allocatableOf(capacity: ResourceList, reservations: Reservations): ResourceList {
  const { reserved = {}, evictionMemory, evictionDisk } = reservations;
  const allocatable: Record<string, string> = { ...capacity };
  const takeAway = (name: string, amount: number) => {
    const left = quantityValue(capacity[name]) - amount;
    // What is not whole Ki is shown in bytes, as upstream.
    if (capacity[name] !== undefined) allocatable[name] = bytes(Math.max(0, left));
  };
  takeAway("memory", quantityValue(reserved["memory"]) + thresholdBytes(evictionMemory, capacity["memory"]));
  const disk = quantityValue(reserved["ephemeral-storage"]);
  takeAway("ephemeral-storage", disk + thresholdBytes(evictionDisk, capacity["ephemeral-storage"]));
  if (reserved["cpu"] !== undefined) {
    const milli = quantityMilliValue(capacity["cpu"]) - quantityMilliValue(reserved["cpu"]);
    allocatable["cpu"] = formatQuantity(makeQuantity(milli, -3));
  }
  return allocatable;
}

/** "10%" of the capacity, or an amount. */
export function thresholdBytes(threshold: string, capacity: string | undefined): number {
  if (!threshold.endsWith("%")) return quantityValue(threshold);
  return Math.floor((quantityValue(capacity) * Number(threshold.slice(0, -1))) / 100);
}

function bytes(amount: number): string {
  return amount % 1024 === 0 ? `${amount / 1024}Ki` : String(amount);
}

async function readHugePages(): Promise<ResourceList> {
  const folder = "/sys/kernel/mm/hugepages";
  const pages: Record<string, string> = {};
  for (const name of await readdir(folder).catch(() => [])) {
    const kilobytes = Number(/\d+/.exec(name)?.[0] ?? 0);
    const count = Number(await firstFile([join(folder, name, "nr_hugepages")]));
    pages[`hugepages-${formatQuantity(makeQuantity(kilobytes * 1024, 0, "BinarySI"))}`] = formatQuantity(
      makeQuantity(count * kilobytes * 1024, 0, "BinarySI"),
    );
  }
  return pages;
}

async function firstFile(paths: readonly string[]): Promise<string> {
  for (const path of paths) {
    const text = await readFile(path, "utf8").catch(() => "");
    if (text.trim() !== "") return text.trim();
  }
  return "";
}
