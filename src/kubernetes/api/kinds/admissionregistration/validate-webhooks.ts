// Webhooks, mutating and validating. A configuration that broke a rule before may go on breaking it.

import { child, duplicate, type FieldError, invalid, item, notSupported, required } from "../../field-error.ts";
import type { MutatingWebhook, ValidatingWebhook } from "../../generated/types.ts";
import { checkDNS1035Label, checkDNS1123Subdomain } from "../../names.ts";
import { bareContext, type CheckContext } from "../check-context.ts";
import { isInvalidLabelSelector, validateLabelSelector } from "../metadata/labels.ts";
import { reportInvalid, reportUnsupported } from "../report.ts";
import { deepEqual } from "../values/semantic-equal.ts";
import { validateClientConfig } from "./validate-client-config.ts";
import { failurePolicies, matchPolicies, validateMatchConditions } from "./validate-match.ts";
import { setRuleDefaults, validateRule } from "./validate-rule.ts";

type Webhook = ValidatingWebhook & Pick<MutatingWebhook, "reinvocationPolicy">;
type Webhooks = readonly Webhook[];

const reviewVersions = ["v1", "v1beta1"];
const harmlessSideEffects = ["None", "NoneOnDryRun"];
const sideEffects = ["None", "NoneOnDryRun", "Some", "Unknown"];
export const reinvocationPolicies: readonly string[] = ["IfNeeded", "Never"];

export function setWebhookDefaults(webhooks: Webhooks | undefined): void {
  for (const webhook of webhooks ?? []) {
    webhook.failurePolicy ??= "Fail";
    webhook.matchPolicy ??= "Equivalent";
    webhook.namespaceSelector ??= {};
    webhook.objectSelector ??= {};
    webhook.timeoutSeconds ??= 10;
    setRuleDefaults(webhook.rules);
    if (webhook.clientConfig.service) webhook.clientConfig.service.port ??= 443;
  }
}

/** What is put up with, as it was so before. */
interface Tolerance {
  readonly conditions: boolean;
  readonly sideEffects: boolean;
  readonly versions: boolean;
  readonly names: boolean;
  readonly labelValues: boolean;
}

export function validateWebhooks(
  webhooks: Webhooks | undefined,
  old: Webhooks | undefined,
  { expressionErrors }: CheckContext = bareContext,
): FieldError[] {
  const errors: FieldError[] = [];
  const tolerance = toleranceOf(webhooks ?? [], old);
  const names = new Set<string>();
  for (const [index, webhook] of (webhooks ?? []).entries()) {
    const path = item("webhooks", index);
    validateWebhook(webhook, path, errors, tolerance);
    if (!tolerance.conditions) {
      validateMatchConditions(webhook.matchConditions, child(path, "matchConditions"), errors, expressionErrors);
    }
    validateReviewVersions(
      webhook.admissionReviewVersions ?? [],
      child(path, "admissionReviewVersions"),
      errors,
      tolerance,
    );
    const { name } = webhook;
    if (name && names.has(name) && !tolerance.names) errors.push(duplicate(child(path, "name"), name));
    names.add(name);
  }
  return errors;
}

function toleranceOf(webhooks: Webhooks, old: Webhooks | undefined): Tolerance {
  if (!old) return { conditions: false, sideEffects: false, versions: false, names: false, labelValues: false };
  const conditionsOf = (list: Webhooks): unknown => list.map(({ matchConditions }) => matchConditions ?? []);
  return {
    conditions: deepEqual(conditionsOf(webhooks), conditionsOf(old)),
    sideEffects: !old.every((webhook) => harmlessSideEffects.includes(webhook.sideEffects)),
    versions: old.some(({ admissionReviewVersions: versions }) => versions?.length && !hasKnownVersion(versions)),
    names: new Set(old.map(({ name }) => name)).size < old.length,
    labelValues: old.some(
      ({ namespaceSelector, objectSelector }) =>
        isInvalidLabelSelector(namespaceSelector) || isInvalidLabelSelector(objectSelector),
    ),
  };
}

function hasKnownVersion(versions: readonly string[]): boolean {
  return versions.some((version) => reviewVersions.includes(version));
}

function validateWebhook(webhook: Webhook, path: string, errors: FieldError[], tolerance: Tolerance): void {
  validateFullName(webhook.name, child(path, "name"), errors);
  for (const [index, rule] of (webhook.rules ?? []).entries()) {
    validateRule(rule, item(child(path, "rules"), index), errors);
  }
  reportUnsupported(errors, child(path, "failurePolicy"), webhook.failurePolicy, failurePolicies);
  reportUnsupported(errors, child(path, "matchPolicy"), webhook.matchPolicy, matchPolicies);
  const allowed = tolerance.sideEffects ? sideEffects : harmlessSideEffects;
  const effectsPath = child(path, "sideEffects");
  if (webhook.sideEffects === undefined || webhook.sideEffects === null) {
    errors.push(required(effectsPath, `must specify one of ${allowed.join(", ")}`));
  } else if (!allowed.includes(webhook.sideEffects)) {
    errors.push(notSupported(effectsPath, webhook.sideEffects, allowed));
  }
  const { timeoutSeconds: timeout } = webhook;
  if (timeout !== undefined && (timeout > 30 || timeout < 1)) {
    errors.push(invalid(child(path, "timeoutSeconds"), timeout, "the timeout value must be between 1 and 30 seconds"));
  }
  const options = { allowInvalidValues: tolerance.labelValues };
  validateLabelSelector(webhook.namespaceSelector, child(path, "namespaceSelector"), errors, options);
  validateLabelSelector(webhook.objectSelector, child(path, "objectSelector"), errors, options);
  reportUnsupported(errors, child(path, "reinvocationPolicy"), webhook.reinvocationPolicy, reinvocationPolicies);
  validateClientConfig(webhook.clientConfig, child(path, "clientConfig"), errors);
}

function validateFullName(name: string, path: string, errors: FieldError[]): void {
  const problems = checkDNS1123Subdomain(name);
  if (name === "") errors.push(required(path));
  else if (problems.length > 0) errors.push(invalid(path, name, problems.join(",")));
  else if (name.split(".").length < 3) {
    errors.push(invalid(path, name, "should be a domain with at least three segments separated by dots"));
  }
}

function validateReviewVersions(
  versions: readonly string[],
  path: string,
  errors: FieldError[],
  tolerance: Tolerance,
): void {
  if (versions.length === 0) {
    errors.push(required(path, `must specify one of ${reviewVersions.join(", ")}`));
    return;
  }
  for (const [index, version] of versions.entries()) {
    const isDuplicate = versions.indexOf(version) < index;
    if (isDuplicate) errors.push(invalid(item(path, index), version, "duplicate version"));
    else reportInvalid(errors, item(path, index), version, checkDNS1035Label(version));
  }
  if (!tolerance.versions && !hasKnownVersion(versions)) {
    errors.push(invalid(path, versions, `must include at least one of ${reviewVersions.join(", ")}`));
  }
}
