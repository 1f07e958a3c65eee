// The steps of an upgrade: a snapshot, control planes one after the other, workers in batches, and between them a look whether all is
// well. The engine runs them by a journal of their own, so that an upgrade that was interrupted goes on.

import { waitForNodes, withClusterClient } from "#addons";
import type { ClusterConfig } from "#config";
import { UserError } from "#shared";
import { type Step, type StepContext, type UpgradeHop, upgradeMachine } from "#turnup";
import { type ExistingCluster, planInput } from "../cluster.ts";
import type { CliContext } from "../context.ts";
import { drainNode, setSchedulable } from "../node/drain-node.ts";
import { saveSafetySnapshot } from "../store/save-snapshot.ts";

export interface UpgradeOptions {
  readonly context: CliContext;
  /** Whether workers' pods are moved away first. */
  readonly drain: boolean;
  readonly drainTimeoutMs?: number;
  /** A command that must end well after each batch, as an argument list. */
  readonly gate?: readonly string[];
}

const gateTimeoutMs = 300_000;

/** In order; each needs the ones before. */
export function upgradeSteps(cluster: ExistingCluster, hop: UpgradeHop, options: UpgradeOptions): Step[] {
  const config = withVersion(cluster.config, hop.version);
  const id = (what: string) => `upgrade/${hop.version}/${what}`;
  const all = [...hop.controlPlanes, ...hop.workers.flat()];
  const steps: Step[] = [snapshotStep(cluster, id("snapshot"))];
  const then = (step: Step): Step => ({ ...step, needs: [steps.at(-1)!.id] });
  const add = (...next: Step[]) => {
    const needs = [steps.at(-1)!.id];
    for (const step of next) steps.push({ ...step, needs });
  };
  for (const name of hop.controlPlanes) {
    add(machineStep(cluster, { id: id(name), name, config, drains: false }, options));
    steps.push(then(gateStep(cluster, { id: id(`gate-${name}`), nodes: all }, options)));
  }
  for (const [index, batch] of hop.workers.entries()) {
    add(...batch.map((name) => machineStep(cluster, { id: id(name), name, config, drains: options.drain }, options)));
    const gate = gateStep(cluster, { id: id(`gate-${index + 1}`), nodes: all }, options);
    steps.push({ ...gate, needs: batch.map((name) => id(name)) });
  }
  return steps;
}

/** Our own nodes run the version that this program is. */
export function withVersion(config: ClusterConfig, version: string): ClusterConfig {
  return config.distribution.type === "slipway" ? config : { ...config, kubernetesVersion: version };
}

const missing = { state: "missing", reason: "is done once" } as const;
const noUndo = {};

function snapshotStep(cluster: ExistingCluster, id: string): Step {
  const asks = cluster.config.distribution.type === "slipway";
  return {
    id,
    phase: "bootstrap",
    title: "Save the data",
    needs: [],
    check: async () => (asks ? missing : { state: "done" }),
    async apply({ report }) {
      report(await saveSafetySnapshot(cluster, "upgrade"));
    },
    ...noUndo,
  };
}

interface MachineUpgrade {
  readonly id: string;
  readonly name: string;
  readonly config: ClusterConfig;
  readonly drains: boolean;
}

function machineStep(
  cluster: ExistingCluster,
  { id, name, config, drains }: MachineUpgrade,
  { context, drainTimeoutMs }: UpgradeOptions,
): Step {
  const { kubeconfig } = cluster.paths;
  return {
    id,
    phase: "bootstrap",
    title: `Upgrade ${name}`,
    needs: [],
    check: async () => missing,
    async apply(step: StepContext) {
      const { signal, report } = step;
      if (drains) {
        report("moving its pods away");
        await withClusterClient(kubeconfig, (client) =>
          drainNode(client, name, {
            signal,
            onWait: report,
            ...(drainTimeoutMs !== undefined && { timeoutMs: drainTimeoutMs }),
          }),
        );
      }
      await upgradeMachine(planInput(cluster, config, context), name, step);
      await withClusterClient(kubeconfig, (client) => setSchedulable(client, name, { schedulable: true, signal }));
    },
  };
}

/** Every node Ready, and the person's own command content. */
function gateStep(
  cluster: ExistingCluster,
  { id, nodes }: { readonly id: string; readonly nodes: readonly string[] },
  { context, gate }: UpgradeOptions,
): Step {
  const { paths, config } = cluster;
  return {
    id,
    phase: "verify",
    title: "See that all is well",
    needs: [],
    check: async () => missing,
    async apply({ signal, report }) {
      const timeout = AbortSignal.timeout(gateTimeoutMs);
      const both = AbortSignal.any([signal, timeout]);
      if (config.network.plugin !== "none") {
        await withClusterClient(paths.kubeconfig, (client) =>
          waitForNodes(client, nodes, { signal: both, onProgress: (left) => report(`waiting for ${left.join(", ")}`) }),
        ).catch((error: unknown) => {
          if (!timeout.aborted || signal.aborted) throw error;
          throw new UserError(`not every node is Ready after ${gateTimeoutMs / 1000} s`, {
            hints: ["See why: slipway status, slipway kubectl describe node"],
            cause: error,
          });
        });
      }
      if (!gate) return;
      report(gate.join(" "));
      await planInput(cluster, config, context).exec(gate, { signal, env: { KUBECONFIG: paths.kubeconfig } });
    },
  };
}
