// Phase 2 of a cluster whose machines are elsewhere, what happens on this machine: authorities and certificates, and the kubeconfigs.

import { rm } from "node:fs/promises";
import { withClusterClient } from "#addons";
import {
  contextName,
  ensureClientPki,
  isInKubeconfig,
  isRotationSettled,
  mergeIntoKubeconfig,
  readClientPki,
  removeFromKubeconfig,
  renderKubeconfig,
  settleRotation,
} from "#bootstrap";
import { type Clock, describeError, readFileIfExists, UserError, writeFileAtomic } from "#shared";
import type { PlanInput } from "../plan-input.ts";
import type { Step, StepState } from "../step.ts";
import { certificatesStep, kubeconfigStep } from "../steps/host-steps.ts";
import { serverOf } from "./endpoint.ts";
import { readEndpoint, remoteAdminEntry } from "./remote-cluster.ts";

const done: StepState = { state: "done" };

/** The authorities stay on this machine for as long as the cluster's folder is there. */
export function createAuthoritiesStep({ paths }: PlanInput): Step {
  return {
    id: certificatesStep,
    phase: "bootstrap",
    title: "Make certificates",
    needs: [],
    async check() {
      if (!(await isRotationSettled(paths.pki))) return { state: "missing", reason: "an authority is being rotated" };
      return (await readClientPki(paths.pki)) ? done : { state: "missing", reason: "not all there, or not fitting" };
    },
    async apply() {
      await settleRotation(paths.pki);
      await ensureClientPki(paths.pki);
    },
  };
}

/** `needs` is what starts the first control plane. Done when its API answers. */
export function createRemoteKubeconfigStep(input: PlanInput, needs: readonly string[]): Step {
  const { paths, userKubeconfig, config } = input;
  return {
    id: kubeconfigStep,
    phase: "bootstrap",
    title: "Write the kubeconfig",
    needs,
    async check({ signal }) {
      const found = await readFileIfExists(paths.kubeconfig);
      if (found === undefined) return { state: "missing", reason: "is not there" };
      const entry = await remoteAdminEntry(input, signal);
      if (found !== renderKubeconfig(entry)) {
        return { state: "differs", reason: "the API's address or certificates changed", change: "in place" };
      }
      if (!userKubeconfig) return done;
      const noted = (await readFileIfExists(paths.kubeconfigNote)) !== undefined;
      return noted && (await isInKubeconfig(userKubeconfig, entry))
        ? done
        : { state: "missing", reason: `${contextName(config.name)} is not the current context` };
    },
    async apply({ signal, clock, report }) {
      const entry = await remoteAdminEntry(input, signal);
      await writeFileAtomic(paths.kubeconfig, renderKubeconfig(entry), 0o600);
      report("waiting for the API");
      await awaitApi(input, { signal, clock });
      if (userKubeconfig) await mergeIntoKubeconfig(userKubeconfig, entry, paths.kubeconfigNote);
    },
    async undo() {
      await removeFromKubeconfig(contextName(config.name), paths.kubeconfigNote);
      await rm(paths.kubeconfig, { force: true });
    },
  };
}

const apiTimeoutMs = 120_000;
const apiRetryMs = 300;
/** Packets to an address that nobody has yet may get no answer at all. */
const attemptTimeoutMs = 5_000;

async function awaitApi(
  input: PlanInput,
  { signal, clock }: { readonly signal: AbortSignal; readonly clock: Clock },
): Promise<void> {
  const deadline = clock.now() + apiTimeoutMs;
  for (;;) {
    try {
      const attempt = AbortSignal.any([signal, AbortSignal.timeout(attemptTimeoutMs)]);
      const { status } = await withClusterClient(input.paths.kubeconfig, (client) =>
        client.raw({ method: "GET", path: "/readyz", signal: attempt }),
      );
      if (status === 200) return;
      throw new Error(`it answers ${status}`);
    } catch (cause) {
      signal.throwIfAborted();
      if (clock.now() > deadline) {
        const server = serverOf(await readEndpoint(input, signal));
        throw new UserError(`the API at ${server} does not answer: ${describeError(cause)}`, {
          hints: [`See what the control plane says: slipway logs --machine NAME --name ${input.config.name}`],
          cause,
        });
      }
    }
    await clock.sleep(apiRetryMs, signal);
  }
}
