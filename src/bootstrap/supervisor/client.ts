// Speaks to a cluster's supervisor; also how a supervised process says that it is ready.

import { connect } from "node:net";
import { abortable } from "#shared";
import { supervisorPaths } from "./paths.ts";
import type { SupervisorRequest, SupervisorResponse, SupervisorStatus } from "./protocol.ts";

/** The answer, or undefined where no supervisor runs. Throws when the request failed or the connection broke. */
export async function askSupervisor(
  clusterFolder: string,
  request: SupervisorRequest,
  signal?: AbortSignal,
): Promise<SupervisorResponse | undefined> {
  const text = await abortable(exchange(supervisorPaths(clusterFolder).socket, request, signal), signal);
  if (text === undefined) return undefined;
  if (text === "") throw new Error(`Cannot ${request.op}: the supervisor ended without an answer`);
  const response = JSON.parse(text) as SupervisorResponse;
  if (!response.ok) throw new Error(response.message);
  return response;
}

/** What runs, or undefined where no supervisor does. */
export async function supervisorStatus(clusterFolder: string): Promise<SupervisorStatus | undefined> {
  const response = await askSupervisor(clusterFolder, { op: "status" });
  return response?.ok ? response.status : undefined;
}

const notifyAttempts = 50;
const notifyRetryMs = 100;

/**
 * Tells the supervisor that started this process that it does its work now. Without one (started by hand) it does nothing. The
 * supervisor may be starting again just then, so it is asked more than once.
 */
export async function notifySupervisor(): Promise<void> {
  const { SLIPWAY_SUPERVISOR: path, SLIPWAY_UNIT: unit } = process.env;
  if (path === undefined || unit === undefined) return;
  for (let attempt = 0; attempt < notifyAttempts; attempt++) {
    const answered = await exchange(path, { op: "ready", unit }).catch(() => undefined);
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, notifyRetryMs));
  }
}

function exchange(path: string, request: SupervisorRequest, signal?: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path, ...(signal && { signal }) });
    let text = "";
    socket.setEncoding("utf8");
    socket.once("connect", () => socket.write(`${JSON.stringify(request)}\n`));
    socket.on("data", (chunk: string) => {
      text += chunk;
    });
    socket.once("end", () => resolve(text));
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ECONNREFUSED") resolve(undefined);
      else reject(error);
    });
  });
}
