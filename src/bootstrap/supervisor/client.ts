// Speaks to a cluster's supervisor.

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
