// The webhooks that are configured at the moment, made ready, in upstream's order: by configuration, then as listed in it.

import type {
  KubeObject,
  MutatingWebhook,
  MutatingWebhookConfiguration,
  Resource,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
} from "#kubernetes/api";
import type { LiveObjects } from "../../live-objects.ts";
import { mirrorCollection, type StoreMirror } from "../../store-mirror.ts";
import type { WebhookClient } from "../../webhooks/call-webhook.ts";
import { compileMatchConditions, type MatchConditions } from "../expressions/match-conditions.ts";
import { type Criteria, compileCriteria } from "../matching/match-criteria.ts";

/** A webhook of either kind. */
export interface Hook {
  readonly name: string;
  /** Tells it from all others, also from one of the same name in another configuration. */
  readonly uid: string;
  readonly configuration: string;
  readonly client: WebhookClient;
  readonly criteria: Criteria;
  /** Absent where there are none. */
  readonly matchConditions: MatchConditions | undefined;
  readonly ignoresFailures: boolean;
  readonly timeoutMs: number;
  /** Whether it may be asked in a dry run. */
  readonly takesDryRuns: boolean;
  readonly reviewVersion: "v1" | "v1beta1" | undefined;
  /** Only of mutating ones: it wants to see again what others have changed after it. */
  readonly isReinvoked: boolean;
}

export interface HookSource {
  hooks(): readonly Hook[];
  readonly ready: Promise<void>;
  stop(): void;
}

type Configuration = MutatingWebhookConfiguration | ValidatingWebhookConfiguration;

/** Follows the configurations of one kind. */
export function followHooks<T extends Configuration & KubeObject>(
  objects: LiveObjects,
  resource: Resource<T>,
): HookSource {
  const configurations = new Map<string, readonly Hook[]>();
  let all: readonly Hook[] | undefined = [];
  const mirror: StoreMirror = mirrorCollection<T>(objects.collection(resource), {
    put(key, configuration) {
      configurations.set(key, hooksOf(configuration));
      all = undefined;
    },
    remove(key) {
      configurations.delete(key);
      all = undefined;
    },
  });
  return {
    hooks() {
      all ??= [...configurations].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, hooks]) => hooks);
      return all;
    },
    ready: mirror.ready,
    stop: () => mirror.stop(),
  };
}

const defaultTimeoutSeconds = 10;

function hooksOf({ metadata, webhooks = [] }: Configuration): Hook[] {
  return webhooks.map((webhook: MutatingWebhook | ValidatingWebhook, index): Hook => {
    const { clientConfig, rules = [], sideEffects, admissionReviewVersions } = webhook;
    const known = admissionReviewVersions.find((version) => version === "v1" || version === "v1beta1");
    return {
      name: webhook.name,
      uid: `${metadata.name}/${webhook.name}/${index}`,
      configuration: metadata.name!,
      client: { name: webhook.name, ...clientConfig },
      criteria: compileCriteria({ ...webhook, rules }),
      matchConditions: webhook.matchConditions?.length ? compileMatchConditions(webhook.matchConditions) : undefined,
      ignoresFailures: webhook.failurePolicy === "Ignore",
      timeoutMs: (webhook.timeoutSeconds ?? defaultTimeoutSeconds) * 1000,
      takesDryRuns: sideEffects === "None" || sideEffects === "NoneOnDryRun",
      reviewVersion: known as Hook["reviewVersion"],
      isReinvoked: "reinvocationPolicy" in webhook && webhook.reinvocationPolicy === "IfNeeded",
    };
  });
}
