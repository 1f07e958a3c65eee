// Admission that objects of the API configure: webhooks and policies. Follows both as long as the server runs.

import { resources as kinds } from "#kubernetes/api";
import type { Logger } from "#shared";
import type { AdmissionMetrics } from "../metrics/admission-metrics.ts";
import type { CallWebhook } from "../webhooks/call-webhook.ts";
import type { AdmissionPlugin } from "./admission.ts";
import type { PluginContext } from "./plugins/plugin-context.ts";
import { compileMutations } from "./policies/evaluate-mutations.ts";
import { compileValidations } from "./policies/evaluate-validations.ts";
import { mutatingPolicies } from "./policies/mutating-policies.ts";
import { followPolicies } from "./policies/policy-source.ts";
import { validatingPolicies } from "./policies/validating-policies.ts";
import { followHooks } from "./webhooks/hook-source.ts";
import { mutatingWebhooks } from "./webhooks/mutating-webhooks.ts";
import { validatingWebhooks } from "./webhooks/validating-webhooks.ts";

export interface DynamicAdmissionOptions extends PluginContext {
  readonly call: CallWebhook;
  readonly logger: Logger;
  readonly metrics: AdmissionMetrics;
}

export interface DynamicAdmission {
  /** In upstream's order. */
  readonly plugins: readonly AdmissionPlugin[];
  /** Resolves when what is configured at the start is known. */
  readonly ready: Promise<void>;
  stop(): void;
}

export function createDynamicAdmission(options: DynamicAdmissionOptions): DynamicAdmission {
  const { objects } = options;
  const mutating = followHooks(objects, kinds.mutatingWebhookConfigurations);
  const validating = followHooks(objects, kinds.validatingWebhookConfigurations);
  const mutations = followPolicies(objects, {
    policies: kinds.mutatingAdmissionPolicies,
    bindings: kinds.mutatingAdmissionPolicyBindings,
    compile: compileMutations,
  });
  const validations = followPolicies(objects, {
    policies: kinds.validatingAdmissionPolicies,
    bindings: kinds.validatingAdmissionPolicyBindings,
    compile: compileValidations,
  });
  const sources = [mutations, mutating, validations, validating];
  return {
    plugins: [
      mutatingPolicies({ ...options, source: mutations }),
      mutatingWebhooks({ ...options, source: mutating }),
      validatingPolicies({ ...options, source: validations }),
      validatingWebhooks({ ...options, source: validating }),
    ],
    ready: Promise.all(sources.map(({ ready }) => ready)).then(() => {}),
    stop() {
      for (const source of sources) source.stop();
    },
  };
}
