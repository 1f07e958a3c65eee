// pods/log: passed on from the kubelet as it comes.

import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import {
  badRequest,
  type FieldError,
  forbiddenField,
  genericError,
  internalError,
  invalid,
  invalidObject,
  notSupported,
  type StatusError,
} from "#kubernetes/api";
import type { Answer } from "../../call.ts";
import type { LiveObjects } from "../../live-objects.ts";
import type { Verb } from "../../registry/context.ts";
import { readQueryInteger } from "../../registry/options/query-integer.ts";
import { isTrue } from "../../request-info.ts";
import type { Backends } from "./backend.ts";
import type { KubeletFinder } from "./kubelet-address.ts";
import { chooseContainer, findPod } from "./pod-target.ts";

export interface PodLogsParts {
  readonly objects: LiveObjects;
  readonly kubelets: KubeletFinder;
  readonly backends: Backends;
}

export function createPodLogs({ objects, kubelets, backends }: PodLogsParts): Verb<Answer> {
  return async (_context, { call }) => {
    const { query, signal } = call.request;
    const { namespace, name } = call.info;
    const errors = checkOptions(query);
    if (errors.length > 0) throw invalidObject({ group: "", kind: "PodLogOptions" }, name, errors);
    const pod = await findPod(objects, namespace, name);
    const container = chooseContainer(pod, query.get("container") ?? "");
    const node = pod.spec?.nodeName;
    if (!node) return noContent;
    const skipsVerification = isTrue(query.get("insecureSkipTLSVerifyBackend"));
    const outgoing = backends.request(
      { ...(await kubelets(node)), skipsVerification },
      { method: "GET", path: `/containerLogs/${namespace}/${name}/${container}?${kubeletQuery(query)}`, headers: {} },
    );
    outgoing.end();
    const incoming = await answerOf(outgoing);
    if (incoming.statusCode! < 200 || incoming.statusCode! > 206) throw await refusalOf(incoming, name);
    signal?.addEventListener("abort", () => incoming.destroy(), { once: true });
    return { kind: "bytes", status: 200, headers: { "content-type": "text/plain" }, body: incoming };
  };
}

const noContent: Answer = { kind: "bytes", status: 204, headers: {}, body: new Uint8Array() };

async function answerOf(outgoing: ReturnType<Backends["request"]>): Promise<IncomingMessage> {
  try {
    const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
    return incoming;
  } catch (error) {
    throw internalError(
      `Get "https://${outgoing.getHeader("host")}${outgoing.path}": ${(error as Error).message}`,
      error,
    );
  }
}

/** More of a refusal's text is not read. */
const mostRefusalBytes = 10_000;

/** The kubelet's refusal in the API's form. */
async function refusalOf(incoming: IncomingMessage, name: string): Promise<StatusError> {
  let text = "";
  for await (const chunk of incoming) {
    text += String(chunk);
    if (text.length > mostRefusalBytes) break;
  }
  text = text.slice(0, mostRefusalBytes);
  if (incoming.statusCode === 400) return badRequest(text);
  if (incoming.statusCode === 500) return internalError(text);
  const reason = incoming.statusCode === 404 ? "NotFound" : "";
  const words = incoming.statusCode === 404 ? "the server could not find the requested resource" : "unknown";
  return genericError(incoming.statusCode!, reason, `${words} (pods/log ${name}): ${text}`);
}

const flags = ["follow", "previous", "timestamps"] as const;
const values = ["sinceSeconds", "sinceTime", "tailLines", "limitBytes"] as const;

/** What the kubelet is asked, in its own spelling. */
function kubeletQuery(query: URLSearchParams): URLSearchParams {
  const passed = new URLSearchParams();
  for (const name of flags) if (isTrue(query.get(name))) passed.set(name, "true");
  for (const name of values) {
    const value = query.get(name);
    if (value) passed.set(name, value);
  }
  passed.set("stream", query.get("stream") || "All");
  passed.sort();
  return passed;
}

function checkOptions(query: URLSearchParams): FieldError[] {
  const errors: FieldError[] = [];
  const number = (name: string) => readQueryInteger(query, name);
  const [tail, limit, since] = [number("tailLines"), number("limitBytes"), number("sinceSeconds")];
  if (tail !== undefined && tail < 0) errors.push(invalid("tailLines", tail, "must be greater than or equal to 0"));
  if (limit !== undefined && limit < 1) errors.push(invalid("limitBytes", limit, "must be greater than 0"));
  if (since !== undefined && query.get("sinceTime")) {
    errors.push(forbiddenField("", "at most one of `sinceTime` or `sinceSeconds` may be specified"));
  } else if (since !== undefined && since < 1) {
    errors.push(invalid("sinceSeconds", since, "must be greater than 0"));
  }
  const stream = query.get("stream") || "All";
  const streams = ["All", "Stderr", "Stdout"];
  if (!streams.includes(stream)) errors.push(notSupported("stream", stream, streams));
  if (stream !== "All" && tail !== undefined) {
    errors.push(forbiddenField("", "`tailLines` and specific `stream` are mutually exclusive for now"));
  }
  return errors;
}
