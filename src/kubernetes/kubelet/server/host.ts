// The contract between the kubelet's server and whatever kind of node answers: real, or simulated.

import type { Pod } from "#kubernetes/api";
import type { ExecStreams } from "./streaming/websocket-exec.ts";

export interface LogRequest {
  readonly container: string;
  readonly previous: boolean;
  readonly follow: boolean;
  readonly timestamps: boolean;
  readonly tailLines?: number;
  readonly limitBytes?: number;
  readonly sinceMs?: number;
  readonly stream?: "stdout" | "stderr";
}

/** What the server shows and does. Methods throw ServerError where a request can't be met. */
export interface ServerHost {
  /** Every pod of the node, with its status as it is now. */
  pods(): readonly Pod[];
  /** The pod as the API server named it; undefined: the node has none such. */
  findPod(namespace: string, name: string): Pod | undefined;
  logs(pod: Pod, request: LogRequest, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** Runs a command to its end; what it wrote. */
  run(pod: Pod, container: string, command: readonly string[]): Promise<Uint8Array>;
  /** Where the runtime serves the streams. */
  exec(pod: Pod, container: string, command: readonly string[], streams: ExecStreams): Promise<URL>;
  attach(pod: Pod, container: string, streams: ExecStreams): Promise<{ readonly url: URL; readonly tty: boolean }>;
  portForward(pod: Pod, ports: readonly number[]): Promise<URL>;
  /** Why the node is not healthy; undefined: it is. */
  problem(): string | undefined;
  /** The pages that are plain data, by path: "/metrics", "/stats/summary", "/configz". */
  page(path: string): Promise<{ readonly contentType: string; readonly body: string } | undefined>;
}

/** A request that can't be met: a status and a text. */
export class ServerError extends Error {
  override readonly name = "ServerError";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
