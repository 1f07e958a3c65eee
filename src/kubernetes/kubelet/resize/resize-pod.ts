// Gives running containers other resources: the pod's control group grows before its containers do, and shrinks after them.

import { GrpcError, grpcCodes } from "#grpc";
import type { Container } from "#kubernetes/api";
import { formatQuantity, makeQuantity, type ResourceRequirements } from "#kubernetes/api";
import type { CriClient } from "../cri/cri-client.ts";
import { effectiveResources } from "../plan/plan-resize.ts";
import type { ContainerToResize, ResourceAmounts } from "../plan/pod-plan.ts";
import { type BoundPod, describePod } from "../pod/bound-pod.ts";
import { containerNameLabel, podUidLabel } from "../runtime/container-annotations.ts";
import { containerResources, quotaPeriodUs } from "../runtime/linux-resources.ts";
import type { MachineFacts } from "../runtime/machine.ts";
import type { PodCgroups, PodLimits } from "../runtime/pod-cgroups.ts";
import type { Allocations } from "./allocations.ts";

export interface ResizeTools {
  readonly cri: CriClient;
  readonly cgroups: PodCgroups;
  readonly machine: MachineFacts;
  readonly allocations: Allocations;
}

/** Throws in upstream's words where the pod can't be resized now. */
export async function resizePod(
  tools: ResizeTools,
  pod: BoundPod,
  sandboxId: string,
  resizes: readonly ContainerToResize[],
): Promise<void> {
  const { cgroups } = tools;
  const [current, wanted] = [await cgroups.limits(pod), cgroups.wantedLimits(pod)];
  await refuseTooLittleMemory(tools, pod, resizes, current, wanted);
  const run = new ResizeRun(tools, pod, sandboxId, current);
  await run.memory(resizes, wanted);
  await run.cpu(resizes, wanted);
}

class ResizeRun {
  readonly #tools: ResizeTools;
  readonly #pod: BoundPod;
  readonly #sandboxId: string;
  #limits: PodLimits;

  constructor(tools: ResizeTools, pod: BoundPod, sandboxId: string, limits: PodLimits) {
    this.#tools = tools;
    this.#pod = pod;
    this.#sandboxId = sandboxId;
    this.#limits = limits;
  }

  async memory(resizes: readonly ContainerToResize[], { memoryBytes }: PodLimits): Promise<void> {
    const changed = resizes.filter((each) => differs(each, ["memoryRequest", "memoryLimit"]));
    const isLess = isSmaller(memoryBytes, this.#limits.memoryBytes);
    if (isSmaller(this.#limits.memoryBytes, memoryBytes)) await this.#setPod({ memoryBytes });
    for (const each of inOrder(changed, "memoryLimit")) {
      const { memoryLimit, memoryRequest } = each.desired;
      await this.#setContainer(each, { ...each.current, memoryLimit, memoryRequest });
    }
    if (isLess) await this.#setPod({ memoryBytes });
  }

  async cpu(resizes: readonly ContainerToResize[], { cpuQuota, cpuShares }: PodLimits): Promise<void> {
    const changed = resizes.filter((each) => differs(each, ["cpuRequest", "cpuLimit"]));
    const before = this.#limits;
    if (isSmaller(before.cpuQuota, cpuQuota)) await this.#setPod({ cpuQuota });
    if (before.cpuShares < cpuShares) await this.#setPod({ cpuShares });
    // What the container has of memory has changed by now.
    for (const each of inOrder(changed, "cpuLimit")) await this.#setContainer(each, each.desired);
    if (cpuShares < before.cpuShares) await this.#setPod({ cpuShares });
    if (isSmaller(cpuQuota, before.cpuQuota)) await this.#setPod({ cpuQuota });
  }

  async #setPod(change: Partial<PodLimits>): Promise<void> {
    const limits = { ...this.#limits, ...change };
    await tellSandbox(this.#tools.cri, this.#sandboxId, limits);
    await this.#tools.cgroups.change(this.#pod, change);
    this.#limits = limits;
  }

  async #setContainer({ container, observed }: ContainerToResize, amounts: ResourceAmounts): Promise<void> {
    const { cri, machine, allocations } = this.#tools;
    const resources = toResources(amounts, effectiveResources(this.#pod, container));
    const resized: Container = { ...container, resources };
    const linux = containerResources(this.#pod, resized, machine);
    await cri.call("UpdateContainerResources", { containerId: observed.id, linux });
    allocations.give(this.#pod.metadata.uid, container.name, resources);
  }
}

/** Only some runtimes want to know. */
async function tellSandbox(
  cri: CriClient,
  podSandboxId: string,
  { cpuShares, cpuQuota, memoryBytes }: PodLimits,
): Promise<void> {
  const resources = { cpuShares, cpuQuota, cpuPeriod: quotaPeriodUs, memoryLimitInBytes: memoryBytes };
  try {
    await cri.call("UpdatePodSandboxResources", { podSandboxId, resources });
  } catch (error) {
    if (error instanceof GrpcError) {
      if (error.code === grpcCodes.unimplemented || error.message.includes("not implemented")) return;
    }
    throw error;
  }
}

/** A container that uses more than its new limit would be killed at once. */
async function refuseTooLittleMemory(
  { cri }: ResizeTools,
  pod: BoundPod,
  resizes: readonly ContainerToResize[],
  current: PodLimits,
  wanted: PodLimits,
): Promise<void> {
  const shrinking = resizes.filter(({ desired, current: given }) => isSmaller(desired.memoryLimit, given.memoryLimit));
  const podShrinks = isSmaller(wanted.memoryBytes, current.memoryBytes);
  if (shrinking.length === 0 && !podShrinks) return;
  const used = await memoryUsage(cri, pod);
  const total = [...used.values()].reduce((sum, bytes) => sum + bytes, 0);
  const problems: string[] = [];
  if (podShrinks && total >= wanted.memoryBytes) {
    problems.push(`attempting to set pod memory limit (${wanted.memoryBytes}) below current usage (${total})`);
  }
  for (const { container, desired } of shrinking) {
    const bytes = used.get(container.name);
    if (bytes === undefined || bytes < desired.memoryLimit) continue;
    const what = `container ${JSON.stringify(container.name)} memory limit (${desired.memoryLimit})`;
    problems.push(`attempting to set ${what} below current usage (${bytes})`);
  }
  if (problems.length === 0) return;
  const text = problems.length === 1 ? problems[0] : `[${problems.join(", ")}]`;
  throw new Error(`cannot decrease memory limits: ${text}`);
}

async function memoryUsage(cri: CriClient, pod: BoundPod): Promise<Map<string, number>> {
  const filter = { labelSelector: { [podUidLabel]: pod.metadata.uid } };
  const { stats } = await cri.call("ListContainerStats", { filter }).catch((error) => {
    throw new Error(`unable to read memory usage for pod ${JSON.stringify(describePod(pod))}`, { cause: error });
  });
  return new Map(
    stats.map(({ attributes, memory }) => [
      attributes?.labels[containerNameLabel] ?? "",
      memory?.usageBytes?.value || (memory?.workingSetBytes?.value ?? 0),
    ]),
  );
}

/** Whether the limit a is tighter than b; 0 is none. */
function isSmaller(a: number, b: number): boolean {
  return a !== 0 && (b === 0 || a < b);
}

function differs({ current, desired }: ContainerToResize, keys: readonly (keyof ResourceAmounts)[]): boolean {
  return keys.some((key) => current[key] !== desired[key]);
}

/** Those that give something back first. */
function inOrder(resizes: readonly ContainerToResize[], key: keyof ResourceAmounts): ContainerToResize[] {
  const growth = ({ current, desired }: ContainerToResize) => Math.sign(desired[key] - current[key]);
  return resizes.toSorted((a, b) => growth(a) - growth(b));
}

/** As a spec writes it; what is neither CPU nor memory stays. */
function toResources(amounts: ResourceAmounts, { requests, limits }: ResourceRequirements): ResourceRequirements {
  const list = (old: Readonly<Record<string, string>> = {}, cpu: number, memory: number) => {
    const { cpu: _cpu, memory: _memory, ...others } = old;
    return {
      ...others,
      ...(cpu > 0 && { cpu: formatQuantity(makeQuantity(cpu, -3)) }),
      ...(memory > 0 && { memory: formatQuantity(makeQuantity(memory, 0, "BinarySI")) }),
    };
  };
  return {
    requests: list(requests, amounts.cpuRequest, amounts.memoryRequest),
    limits: list(limits, amounts.cpuLimit, amounts.memoryLimit),
  };
}
