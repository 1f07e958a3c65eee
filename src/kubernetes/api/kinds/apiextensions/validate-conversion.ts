// How a CustomResourceDefinition converts its versions into each other.

import { child, type FieldError, forbiddenField, invalid, item, notSupported, required } from "../../field-error.ts";
import type { CustomResourceConversion, WebhookConversion } from "../../generated/types.ts";
import { checkDNS1035Label } from "../../names.ts";
import { validateClientConfig as validateWebhookClient } from "../admissionregistration/validate-client-config.ts";
import { validateCABundle } from "./ca-bundle.ts";
import type { DefinitionRules } from "./definition-rules.ts";

export function validateConversion(
  conversion: CustomResourceConversion | undefined,
  path: string,
  rules: DefinitionRules,
): FieldError[] {
  if (!conversion) return [];
  const { strategy, webhook } = conversion;
  const errors: FieldError[] = [];
  const supported = ["None", "Webhook"];
  if (!strategy) errors.push(required(child(path, "strategy")));
  else if (!supported.includes(strategy)) errors.push(notSupported(child(path, "strategy"), strategy, supported));
  if (strategy === "Webhook") return [...errors, ...validateWebhook(webhook, path, rules)];
  const why = "should not be set when strategy is not set to Webhook";
  if (webhook?.clientConfig) errors.push(forbiddenField(child(path, "webhookClientConfig"), why));
  if (webhook?.conversionReviewVersions?.length) {
    errors.push(forbiddenField(child(path, "conversionReviewVersions"), why));
  }
  return errors;
}

function validateWebhook(webhook: WebhookConversion | undefined, path: string, rules: DefinitionRules): FieldError[] {
  const reviewVersions = webhook?.conversionReviewVersions ?? [];
  return [
    ...validateClientConfig(webhook?.clientConfig, child(path, "webhookClientConfig"), rules),
    ...validateReviewVersions(reviewVersions, child(path, "conversionReviewVersions"), rules),
  ];
}

function validateClientConfig(
  config: WebhookConversion["clientConfig"],
  path: string,
  { allowInvalidCABundle }: DefinitionRules,
): FieldError[] {
  if (!config) return [required(path, "required when strategy is set to Webhook")];
  const errors: FieldError[] = [];
  validateWebhookClient(config, path, errors);
  const { caBundle } = config;
  if (caBundle && !allowInvalidCABundle) errors.push(...validateCABundle(caBundle, child(path, "caBundle")));
  return errors;
}

function validateReviewVersions(versions: readonly string[], path: string, rules: DefinitionRules): FieldError[] {
  if (versions.length === 0) return [required(path)];
  const errors: FieldError[] = [];
  for (const [index, version] of versions.entries()) {
    if (versions.indexOf(version) < index) errors.push(invalid(item(path, index), version, "duplicate version"));
    else for (const why of checkDNS1035Label(version)) errors.push(invalid(item(path, index), version, why));
  }
  const isRecognized = versions.includes("v1") || versions.includes("v1beta1");
  if (rules.requireRecognizedReviewVersion && !isRecognized) {
    errors.push(invalid(path, versions, "must include at least one of v1, v1beta1"));
  }
  return errors;
}
