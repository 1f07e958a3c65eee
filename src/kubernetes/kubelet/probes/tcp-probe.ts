// A TCP probe: a connection that can be made is success.

import { connect } from "node:net";
import { describeError } from "#shared";
import { describeDialError, joinHostPort } from "./dial-error.ts";
import { fail, type ProbeResult, succeed } from "./probe-result.ts";

export function probeTcp(host: string, port: number, timeoutMs: number): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (result: ProbeResult) => {
      // Closing without lingering leaves no half-closed connections behind, however often one probes.
      socket.resetAndDestroy();
      resolve(result);
    };
    socket.setTimeout(timeoutMs, () => end(fail(`dial tcp ${joinHostPort(host, port)}: i/o timeout`)));
    socket.once("connect", () => end(succeed()));
    socket.once("error", (error) => end(fail(describeDialError(error, host, port) ?? describeError(error))));
  });
}
