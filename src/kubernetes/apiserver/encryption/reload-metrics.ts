// What upstream counts of a configuration file of encryption that is read again (apiserver_encryption_config_controller_…).

import type { Clock } from "#shared";
import type { Exposition } from "../metrics/exposition.ts";
import { hashOf } from "./kms/encrypted-object.ts";

export interface ReloadMetrics {
  /** The one in use; its hash as "sha256:…". */
  noteConfiguration(hash: string): void;
  noteSuccess(hash: string): void;
  noteFailure(): void;
  write(exposition: Exposition): void;
}

type Status = "success" | "failure";

export function createReloadMetrics(apiServerId: string, clock: Clock): ReloadMetrics {
  const server = { apiserver_id_hash: hashOf(apiServerId) };
  const reloads = new Map<Status, { readonly count: number; readonly lastSeconds: number }>();
  let configuration = "";
  const note = (status: Status) => {
    reloads.set(status, { count: (reloads.get(status)?.count ?? 0) + 1, lastSeconds: clock.now() / 1000 });
  };
  return {
    noteConfiguration(hash) {
      configuration = hash;
    },
    noteSuccess(hash) {
      configuration = hash;
      note("success");
    },
    noteFailure: () => note("failure"),
    write(exposition) {
      const name = (last: string) => `apiserver_encryption_config_controller_${last}`;
      const all = [...reloads].map(([status, numbers]) => ({ labels: { ...server, status }, ...numbers }));
      exposition.series(
        name("automatic_reloads_total"),
        "counter",
        "How often the encryption configuration was read anew, by outcome.",
        all.map(({ labels, count }) => [labels, count]),
      );
      exposition.series(
        name("automatic_reload_last_timestamp_seconds"),
        "gauge",
        "When the encryption configuration was last read anew, by outcome.",
        all.map(({ labels, lastSeconds }) => [labels, lastSeconds]),
      );
      exposition.series(name("last_config_info"), "gauge", "1, with the hash of the encryption configuration in use.", [
        [{ ...server, hash: configuration }, 1],
      ]);
    },
  };
}
