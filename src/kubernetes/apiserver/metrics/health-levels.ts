// What service levels are measured by: how the health checks last ended and how often, as they were asked for.

import type { NoteCheck } from "../paths/health.ts";
import type { Exposition, Labels } from "./exposition.ts";
import { Counters } from "./families.ts";

export class HealthLevels {
  readonly #last = new Map<string, readonly [Labels, number]>();
  readonly #total = new Counters({
    name: "kubernetes_healthchecks_total",
    help: "How often health checks were run, by outcome.",
    labels: ["name", "status", "type"],
  });

  readonly note: NoteCheck = (name, type, passes) => {
    this.#last.set(`${type} ${name}`, [{ name, type }, passes ? 1 : 0]);
    this.#total.add([name, passes ? "success" : "error", type]);
  };

  write(exposition: Exposition): void {
    const help = "1 where the check passed when it was last run, 0 where it failed.";
    exposition.series("kubernetes_healthcheck", "gauge", help, this.#last.values());
    this.#total.write(exposition);
  }
}
