// MutatingWebhookConfiguration and ValidatingWebhookConfiguration: whom the server asks before it writes.

import type { MutatingWebhookConfiguration, ValidatingWebhookConfiguration } from "../../generated/types.ts";
import { defineKind } from "../define-kind.ts";
import { formatAge } from "../table/human-duration.ts";
import { warnOfStaticName } from "./static-name.ts";
import { setWebhookDefaults, validateWebhooks } from "./validate-webhooks.ts";

const shared = {
  group: "admissionregistration.k8s.io",
  version: "v1",
  allowUnconditionalUpdate: false,
} as const;

type Configuration = MutatingWebhookConfiguration | ValidatingWebhookConfiguration;

export const mutatingWebhookConfiguration = defineKind<MutatingWebhookConfiguration>({
  ...shared,
  kind: "MutatingWebhookConfiguration",
  metadataChecks: ["object"],
  standardFinalizers: false,
  setDefaults: ({ webhooks }) => {
    setWebhookDefaults(webhooks);
    for (const webhook of webhooks ?? []) webhook.reinvocationPolicy ??= "Never";
  },
  validate: ({ webhooks }, context) => validateWebhooks(webhooks, undefined, context),
  validateUpdate: ({ webhooks }, old, context) => validateWebhooks(webhooks, old.webhooks ?? [], context),
  warnings: ({ metadata }) => warnOfStaticName(metadata),
  tableCells,
});

export const validatingWebhookConfiguration = defineKind<ValidatingWebhookConfiguration>({
  ...shared,
  kind: "ValidatingWebhookConfiguration",
  metadataChecks: ["object"],
  standardFinalizers: false,
  setDefaults: ({ webhooks }) => setWebhookDefaults(webhooks),
  validate: ({ webhooks }, context) => validateWebhooks(webhooks, undefined, context),
  validateUpdate: ({ webhooks }, old, context) => validateWebhooks(webhooks, old.webhooks ?? [], context),
  warnings: ({ metadata }) => warnOfStaticName(metadata),
  tableCells,
});

function tableCells({ metadata, webhooks = [] }: Configuration, now: number) {
  return { cells: [metadata.name, webhooks.length, formatAge(metadata.creationTimestamp, now)] };
}
