// An exec probe: a command that ends with code 0 is success.

import type { CriClient } from "../cri/cri-client.ts";
import { CommandTimeoutError, ExitError, execInContainer } from "../runtime/exec-in-container.ts";
import { fail, longestOutput, type ProbeResult, succeed } from "./probe-result.ts";

/** Throws where the command could not be run at all. */
export async function probeExec(
  cri: CriClient,
  containerId: string,
  command: readonly string[],
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<ProbeResult> {
  try {
    const output = await execInContainer(cri, containerId, command, timeoutMs, signal);
    return succeed(output.subarray(0, longestOutput).toString("utf8"));
  } catch (error) {
    if (error instanceof ExitError) return fail(error.output.subarray(0, longestOutput).toString("utf8"));
    if (error instanceof CommandTimeoutError) return fail(error.message);
    throw error;
  }
}
