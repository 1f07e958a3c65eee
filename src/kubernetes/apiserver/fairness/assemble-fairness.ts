// Puts priority and fairness together with the rest of a server.

import type { Clock, Logger } from "#shared";
import type { Call, Handler } from "../call.ts";
import type { LiveObjects } from "../live-objects.ts";
import type { Exposition } from "../metrics/exposition.ts";
import { textAnswer } from "../paths/page-not-found.ts";
import type { ResourceTable } from "../registry/resources/resource-table.ts";
import { dumpLevels, dumpQueues, dumpRequests } from "./dumps.ts";
import { createFairness, defaultSeats } from "./fairness.ts";
import { createDanglingReporter } from "./report-dangling.ts";
import { createResourceFacts } from "./work-facts.ts";

export interface FairnessParts {
  readonly objects: LiveObjects;
  readonly table: ResourceTable;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How many requests run at once. Default: upstream's; 0: nothing is held back. */
  readonly seats: number | undefined;
  /** The server's own chain, there by the time the first request comes. */
  readonly chain: () => Handler;
}

export interface AssembledFairness {
  readonly wrap: (next: Handler) => Handler;
  readonly write: (exposition: Exposition) => void;
  /** Paths under /debug/. */
  readonly paths: Readonly<Record<string, Handler>>;
  readonly ready: Promise<void>;
  stop(): void;
}

export function assembleFairness(parts: FairnessParts): AssembledFairness | undefined {
  const { objects, clock, logger, seats = defaultSeats } = parts;
  if (seats === 0) return undefined;
  const dangling = createDanglingReporter(parts.chain, { clock, logger });
  const facts = createResourceFacts(parts.table);
  const fairness = createFairness({ objects, clock, seats, facts, onDangling: dangling.report });
  const dump = (write: (call: Call) => string): Handler => {
    return async (call) => textAnswer(200, write(call));
  };
  const root = "/debug/api_priority_and_fairness";
  return {
    wrap: (next) => fairness.wrap(next),
    write: (exposition) => fairness.write(exposition),
    ready: fairness.ready,
    paths: {
      [`${root}/dump_priority_levels`]: dump(() => dumpLevels(fairness.levels())),
      [`${root}/dump_queues`]: dump(() => dumpQueues(fairness.levels())),
      [`${root}/dump_requests`]: dump(({ request }) =>
        dumpRequests(fairness.levels(), (request.query.get("includeRequestDetails") ?? "") !== ""),
      ),
    },
    stop() {
      fairness.stop();
      dangling.stop();
    },
  };
}
