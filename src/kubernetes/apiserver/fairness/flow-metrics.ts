// Priority and fairness in /metrics, under upstream's names.

import type { Exposition } from "../metrics/exposition.ts";
import type { FlowRequest } from "./flow-request.ts";
import type { PriorityLevel, Refused } from "./priority-level.ts";

type Level = PriorityLevel<FlowRequest>;

interface Counts {
  readonly schema: string;
  readonly level: string;
  dispatched: number;
  readonly refused: Map<Refused, number>;
}

export class FlowMetrics {
  readonly #counts = new Map<string, Counts>();

  dispatched(schema: string, level: string): void {
    this.#countsOf(schema, level).dispatched++;
  }

  refused(schema: string, level: string, why: Refused): void {
    const { refused } = this.#countsOf(schema, level);
    refused.set(why, (refused.get(why) ?? 0) + 1);
  }

  write(exposition: Exposition, levels: readonly Level[]): void {
    const all = [...this.#counts.values()];
    exposition.series(
      "apiserver_flowcontrol_dispatched_requests_total",
      "counter",
      "Requests that were let run.",
      all.map(({ schema, level, dispatched }) => [{ flow_schema: schema, priority_level: level }, dispatched]),
    );
    exposition.series(
      "apiserver_flowcontrol_rejected_requests_total",
      "counter",
      "Requests that were refused, and why.",
      all.flatMap(({ schema, level, refused }) =>
        [...refused].map(([reason, count]) => [{ flow_schema: schema, priority_level: level, reason }, count] as const),
      ),
    );
    for (const [name, help, value] of gauges) {
      const samples = levels.map((level) => [{ priority_level: level.name }, value(level)] as const);
      exposition.series(`apiserver_flowcontrol_${name}`, "gauge", help, samples);
    }
  }

  #countsOf(schema: string, level: string): Counts {
    const key = `${schema}\n${level}`;
    const known = this.#counts.get(key);
    if (known) return known;
    const counts = { schema, level, dispatched: 0, refused: new Map<Refused, number>() };
    this.#counts.set(key, counts);
    return counts;
  }
}

const gauges: readonly (readonly [name: string, help: string, value: (level: Level) => number])[] = [
  ["current_executing_seats", "Seats taken.", (level) => level.taken],
  ["current_executing_requests", "Requests under way.", (level) => level.running],
  ["current_inqueue_requests", "Requests that wait.", (level) => level.waiting],
  ["current_inqueue_seats", "Seats waited for.", (level) => seatsWaitedFor(level)],
  ["nominal_limit_seats", "Seats of its own.", (level) => level.seats],
];

function seatsWaitedFor({ queues }: Level): number {
  return queues.flatMap(({ waiting }) => waiting).reduce((sum, { request }) => sum + request.seats, 0);
}
