// What upstream counts of admission: how long steps, plug-ins and webhooks take, what webhooks and policies refuse.

import type { Exposition } from "./exposition.ts";
import { Counters, type FamilyOptions, Histograms } from "./families.ts";

export type AdmissionStep = "admit" | "validate";
export type WebhookStep = "admit" | "validating";

/** How a call of a webhook ended. `code` is that of the refusal or of the failure; 200 where it admitted. */
export interface WebhookOutcome {
  readonly name: string;
  readonly step: WebhookStep;
  readonly operation: string;
  readonly seconds: number;
  readonly rejected: boolean;
  readonly code: number;
  /** Of a request that is refused: by the webhook's word, for it could not be asked, or for what it answered cannot be done. */
  readonly errorType?: "no_error" | "calling_webhook_error" | "apiserver_internal_error";
}

export interface PolicyCheck {
  readonly policy: string;
  readonly binding: string;
  readonly errorType: "no_error" | "compile_error" | "invalid_error" | "out_of_budget";
  readonly action: "allow" | "deny" | "audit" | "warn";
  readonly seconds: number;
}

const prefix = "apiserver_admission_";
const policyPrefix = "apiserver_validating_admission_policy_check_";
const bounds = [0.005, 0.025, 0.1, 0.5, 1, 2.5];
const policyLabels = ["enforcement_action", "error_type", "policy", "policy_binding"];
/** More would let a webhook make up any number of series. */
const highestCode = 600;

export class AdmissionMetrics {
  readonly #steps = histograms("step_admission_duration_seconds", "How long steps of admission took.", []);
  readonly #plugins = histograms("controller_admission_duration_seconds", "How long admission plug-ins took.", [
    "name",
  ]);
  readonly #webhooks = new Histograms({
    name: `${prefix}webhook_admission_duration_seconds`,
    help: "How long admission webhooks took.",
    labels: ["name", "operation", "rejected", "type"],
    bounds: [...bounds, 10, 25],
  });
  readonly #requests = new Counters({
    name: `${prefix}webhook_request_total`,
    help: "Requests to admission webhooks.",
    labels: ["code", "name", "operation", "rejected", "type"],
  });
  readonly #rejections = new Counters({
    name: `${prefix}webhook_rejection_count`,
    help: "Requests that were refused by admission webhooks, or for want of them.",
    labels: ["error_type", "name", "operation", "rejection_code", "type"],
  });
  readonly #failOpens = new Counters({
    name: `${prefix}webhook_fail_open_count`,
    help: "Requests that went on though an admission webhook could not be asked.",
    labels: ["name", "type"],
  });
  readonly #checks = new Counters({
    name: `${policyPrefix}total`,
    help: "What validating admission policies found, by what became of it.",
    labels: policyLabels,
  });
  readonly #checkDurations = new Histograms({
    name: `${policyPrefix}duration_seconds`,
    help: "How long expressions of validating admission policies took.",
    labels: policyLabels,
    bounds: [5e-7, 0.001, 0.01, 0.1, 1],
  });

  noteStep(step: AdmissionStep, operation: string, rejected: boolean, seconds: number): void {
    this.#steps.observe([operation, String(rejected), step], seconds);
  }

  notePlugin(name: string, step: AdmissionStep, operation: string, rejected: boolean, seconds: number): void {
    this.#plugins.observe([name, operation, String(rejected), step], seconds);
  }

  noteWebhook({ name, step, operation, seconds, rejected, code, errorType }: WebhookOutcome): void {
    const shown = String(Math.min(code, highestCode));
    this.#requests.add([shown, name, operation, String(rejected), step]);
    this.#webhooks.observe([name, operation, String(rejected), step], seconds);
    if (errorType) this.#rejections.add([errorType, name, operation, shown, step]);
  }

  noteFailOpen(name: string, step: WebhookStep): void {
    this.#failOpens.add([name, step]);
  }

  notePolicyCheck({ policy, binding, errorType, action, seconds }: PolicyCheck): void {
    const values = [action, errorType, policy, binding];
    this.#checks.add(values);
    this.#checkDurations.observe(values, seconds);
  }

  write(exposition: Exposition): void {
    const all = [
      this.#steps,
      this.#plugins,
      this.#webhooks,
      this.#requests,
      this.#rejections,
      this.#failOpens,
      this.#checks,
      this.#checkDurations,
    ];
    for (const family of all) family.write(exposition);
  }
}

function histograms(name: string, help: string, more: FamilyOptions["labels"]): Histograms {
  return new Histograms({ name: prefix + name, help, labels: [...more, "operation", "rejected", "type"], bounds });
}
