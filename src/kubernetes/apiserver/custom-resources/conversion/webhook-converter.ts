// A converter that asks a webhook (ConversionReview, v1 or v1beta1): many objects at once, those only that need it.

import { randomUUID } from "node:crypto";
import { formatApiVersion, isRecord, type KubeObject, StatusError, type WebhookConversion } from "#kubernetes/api";
import type { CallWebhook } from "../../webhooks/call-webhook.ts";
import { acceptConverted, describeKind } from "./check-converted.ts";
import type { Converter } from "./converter.ts";

export interface WebhookConverterOptions {
  readonly group: string;
  /** The definition's name. */
  readonly name: string;
  readonly webhook: WebhookConversion;
  readonly callWebhook: CallWebhook;
}

const timeoutMs = 30_000;

export function webhookConverter(options: WebhookConverterOptions): Converter {
  const { group } = options;
  return {
    isRemote: true,
    convertNow() {
      throw new Error("Cannot convert at once: a webhook has to be asked");
    },
    async convert(objects, version) {
      const apiVersion = formatApiVersion({ group, version });
      const toConvert = objects.filter((object) => object.apiVersion !== apiVersion);
      if (toConvert.length === 0) return objects;
      const converted = await askFor(toConvert, apiVersion, options);
      let next = 0;
      return objects.map((object) => (object.apiVersion === apiVersion ? object : converted[next++]!));
    },
  };
}

async function askFor(
  objects: readonly KubeObject[],
  apiVersion: string,
  options: WebhookConverterOptions,
): Promise<readonly KubeObject[]> {
  const subject = describeKind(objects[0]!);
  try {
    const answered = await review(objects, apiVersion, options);
    if (answered.length !== objects.length) {
      throw new Refusal(`returned ${answered.length} objects, expected ${objects.length}`);
    }
    return objects.map((object, index) => accept(object, answered[index], apiVersion, index));
  } catch (error) {
    const what = error instanceof Refusal ? error.message : `failed: ${(error as Error).message}`;
    const message = `conversion webhook for ${subject} ${what}`;
    throw new StatusError({ code: 500, reason: "", message });
  }
}

/** What is said right after the webhook's name. */
class Refusal extends Error {}

function accept(object: KubeObject, answered: unknown, apiVersion: string, index: number): KubeObject {
  try {
    return acceptConverted(object, answered, apiVersion);
  } catch (error) {
    throw new Refusal(`returned invalid converted object at index ${index}: ${(error as Error).message}`);
  }
}

async function review(
  objects: readonly KubeObject[],
  desiredAPIVersion: string,
  { webhook, name, callWebhook }: WebhookConverterOptions,
): Promise<readonly unknown[]> {
  const version = webhook.conversionReviewVersions.find((each) => each === "v1" || each === "v1beta1");
  if (!version) throw new Error("no supported conversion review versions");
  const apiVersion = `apiextensions.k8s.io/${version}`;
  const uid = randomUUID();
  const request = { uid, desiredAPIVersion, objects };
  const body = { kind: "ConversionReview", apiVersion, request, response: null };
  const client = { name: `conversion_webhook_for_${name}`, ...webhook.clientConfig };
  const answer = await callWebhook(client, body, { timeoutMs });
  return readAnswer(answer, apiVersion, uid);
}

function readAnswer(answer: unknown, apiVersion: string, uid: string): readonly unknown[] {
  const review = isRecord(answer) ? answer : {};
  const isCurrent = apiVersion.endsWith("/v1");
  if (isCurrent && (review["apiVersion"] !== apiVersion || review["kind"] !== "ConversionReview")) {
    const expected = `${apiVersion}, Kind=ConversionReview`;
    const found = `${String(review["apiVersion"] ?? "")}, Kind=${String(review["kind"] ?? "")}`;
    throw new Error(`expected webhook response of ${expected}, got ${found}`);
  }
  const { response } = review;
  if (!isRecord(response)) throw new Error("no response provided");
  if (isCurrent && response["uid"] !== uid) {
    throw new Error(`expected response.uid="${uid}", got "${String(response["uid"] ?? "")}"`);
  }
  const result = isRecord(response["result"]) ? response["result"] : {};
  if (result["status"] !== "Success") {
    const { message } = result;
    if (typeof message === "string" && message !== "") throw new Error(message);
    throw new Error(`response.result.status was '${String(result["status"] ?? "")}', not 'Success'`);
  }
  const { convertedObjects } = response;
  return Array.isArray(convertedObjects) ? convertedObjects : [];
}
