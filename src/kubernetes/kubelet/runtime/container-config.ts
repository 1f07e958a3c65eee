// The configuration of a container: command, environment, mounts, resources, security.

import { randomBytes } from "node:crypto";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Container } from "#kubernetes/api";
import type { CriMessage } from "../cri/protocol.ts";
import { expandAll, type Variables } from "../env/expand.ts";
import type { BoundPod } from "../pod/bound-pod.ts";
import { containerAnnotations, containerLabels } from "./container-annotations.ts";
import { containerResources } from "./linux-resources.ts";
import { containerLogPath } from "./log-paths.ts";
import type { MachineFacts } from "./machine.ts";
import { containerSecurityContext, type ImageUser, type SecuritySettings } from "./security-context.ts";

export type CriMount = CriMessage<"Mount">;

export interface ContainerInputs {
  readonly pod: BoundPod;
  readonly container: Container;
  readonly restartCount: number;
  /** As the runtime names it. */
  readonly imageRef: string;
  readonly imageUser: ImageUser;
  readonly env: Variables;
  readonly mounts: readonly CriMount[];
  readonly devices: readonly CriMessage<"Device">[];
  /** Of an ephemeral container: the one whose processes it sees. */
  readonly targetContainerId?: string | undefined;
  readonly machine: MachineFacts;
  readonly security: SecuritySettings;
}

export function containerConfig(inputs: ContainerInputs): CriMessage<"ContainerConfig"> {
  const { pod, container, restartCount, env, targetContainerId } = inputs;
  const security = containerSecurityContext(pod, container, inputs.imageUser, inputs.security);
  const { namespaceOptions } = security;
  const sharesTarget = targetContainerId !== undefined && namespaceOptions?.pid === "CONTAINER";
  return {
    metadata: { name: container.name, attempt: restartCount },
    image: { image: inputs.imageRef, userSpecifiedImage: container.image },
    command: expandAll(container.command, env),
    args: expandAll(container.args, env),
    workingDir: container.workingDir,
    labels: containerLabels(pod, container),
    annotations: containerAnnotations(pod, container, restartCount),
    envs: Object.entries(env).map(([key, value]) => ({ key, value: Buffer.from(value, "utf8") })),
    mounts: inputs.mounts,
    devices: inputs.devices,
    logPath: containerLogPath(container.name, restartCount),
    stdin: container.stdin,
    stdinOnce: container.stdinOnce,
    tty: container.tty,
    linux: {
      resources: containerResources(pod, container, inputs.machine),
      securityContext: sharesTarget
        ? { ...security, namespaceOptions: { ...namespaceOptions, pid: "TARGET", targetId: targetContainerId } }
        : security,
    },
  };
}

/** Makes the file a container may write its last words to; each run has its own. Undefined where it wants none. */
export async function makeTerminationLog(container: Container, folder: string): Promise<CriMount | undefined> {
  const { terminationMessagePath } = container;
  if (!terminationMessagePath) return undefined;
  await mkdir(folder, { recursive: true, mode: 0o750 });
  const hostPath = join(folder, randomBytes(4).toString("hex"));
  await writeFile(hostPath, "");
  // The umask must not take from it: the container's user, whoever it is, writes here.
  await chmod(hostPath, 0o666);
  return { hostPath, containerPath: terminationMessagePath };
}
