// Ends stale UDP flows with the conntrack program.

import { CommandFailedError, type Exec, type Logger } from "#shared";
import type { IPFamily } from "../nft/family.ts";
import { deletionOf, findStaleFlows, readFlows, type UdpService } from "./stale-flows.ts";

export interface FlowCleaner {
  /** Ends what should end; answers how many kinds of flows that were. Never throws. */
  clean(family: IPFamily, services: readonly UdpService[], signal: AbortSignal): Promise<number>;
}

export function createFlowCleaner(exec: Exec, logger: Logger): FlowCleaner {
  let isMissing = false;
  return {
    async clean(ipFamily, services, signal) {
      if (isMissing || services.length === 0) return 0;
      const family = ipFamily === "IPv4" ? "ipv4" : "ipv6";
      try {
        const { stdout } = await exec(["conntrack", "-L", "-f", family, "-p", "udp"], { signal });
        const stale = findStaleFlows(readFlows(stdout), services);
        // Code 1: the flow has ended by itself.
        for (const flow of stale) await exec(["conntrack", ...deletionOf(flow, family)], { signal, okCodes: [0, 1] });
        return stale.length;
      } catch (error) {
        if (signal.aborted) return 0;
        // Started, it has an exit code; otherwise there is no such program, and there will be none.
        isMissing = error instanceof CommandFailedError && error.code === undefined;
        logger.warn(
          { error: String(error) },
          "Cannot end stale UDP flows: clients may go on asking endpoints that are gone",
        );
        return 0;
      }
    },
  };
}
