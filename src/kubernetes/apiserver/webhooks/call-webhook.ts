// Asks a webhook: one JSON document over HTTPS, and one back. Whom to trust comes with the configuration.

import { Agent, request as httpsRequest } from "node:https";
import { quote } from "#kubernetes/api";
import { describeError } from "#shared";
import type { LiveObjects } from "../live-objects.ts";
import { describeConnectionError } from "./connection-errors.ts";
import { findServiceAddress } from "./service-address.ts";
import { isTransientStatus, WebhookError } from "./webhook-error.ts";

/** As webhooks are configured everywhere in the API. */
export interface WebhookClient {
  /** For messages. */
  readonly name: string;
  readonly url?: string;
  readonly service?: {
    readonly namespace: string;
    readonly name: string;
    readonly path?: string;
    readonly port?: number;
  };
  /** Base64 of PEM certificates. Default: the machine's own authorities. */
  readonly caBundle?: string;
  /** How this server shows itself; webhooks configured in the API are asked without. PEM. */
  readonly credentials?: { readonly token?: string; readonly certificate?: string; readonly key?: string };
}

export interface CallOptions {
  readonly timeoutMs: number;
}

/** Answers the parsed JSON. Throws an Error in the words of Go's HTTP client: a WebhookError where the webhook failed. */
export type CallWebhook = (client: WebhookClient, body: object, options: CallOptions) => Promise<unknown>;

export interface WebhookCaller {
  readonly call: CallWebhook;
  /** Ends connections that are kept open. */
  close(): void;
}

/** A webhook's answer is not read beyond this. */
const mostBytes = 10 * 1024 * 1024;

/** `podSideAddress` is where connections to services come from; by default the system chooses. */
export function createWebhookCaller(objects: LiveObjects, podSideAddress?: string): WebhookCaller {
  const agent = new Agent({ keepAlive: true });
  return {
    call: async ({ caBundle, credentials = {}, ...client }, body, { timeoutMs }) => {
      const deadline = AbortSignal.timeout(timeoutMs);
      const url = urlOf(client);
      url.searchParams.set("timeout", `${Math.ceil(timeoutMs / 1000)}s`);
      const place = await locate(objects, client, { url, localAddress: podSideAddress });
      const ca = caBundle ? Buffer.from(caBundle, "base64").toString().trim() : "";
      return JSON.parse(await post(agent, { place, ca, credentials, deadline, text: JSON.stringify(body) }));
    },
    close: () => agent.destroy(),
  };
}

interface Place {
  readonly url: URL;
  /** The URL as messages show it: of services, with the port that is a matter of course. */
  readonly shown: string;
  readonly host: string;
  readonly port: number;
  /** Where the connection comes from. */
  readonly localAddress?: string | undefined;
}

/** The port of a service is always told. */
function urlOf({ url, service }: WebhookClient): URL {
  if (!service) return new URL(url ?? "");
  const { namespace, name, path = "", port = 443 } = service;
  return new URL(`https://${name}.${namespace}.svc:${port}${path.startsWith("/") ? path : `/${path}`}`);
}

async function locate(
  objects: LiveObjects,
  { service }: WebhookClient,
  { url, localAddress }: Pick<Place, "url" | "localAddress">,
): Promise<Place> {
  if (!service)
    return { url, shown: url.href, host: url.hostname.replace(/^\[|\]$/g, ""), port: Number(url.port || 443) };
  const { namespace, name, port = 443 } = service;
  const shown = url.href.replace(url.host, `${url.hostname}:${port}`);
  try {
    return { url, shown, ...(await findServiceAddress(objects, { namespace, name, port })), localAddress };
  } catch (error) {
    throw new Error(`Post ${quote(shown)}: ${describeError(error)}`);
  }
}

interface Post {
  readonly place: Place;
  /** PEM; "": the machine's own authorities. */
  readonly ca: string;
  readonly credentials: NonNullable<WebhookClient["credentials"]>;
  readonly deadline: AbortSignal;
  readonly text: string;
}

function post(agent: Agent, posted: Post): Promise<string> {
  const { place, ca, credentials, deadline, text } = posted;
  const { url, shown, host, port, localAddress } = place;
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => {
      const message = `Post ${quote(shown)}: ${describeConnectionError(error, deadline)}`;
      reject(new WebhookError(message, error.code === "ECONNRESET" && !deadline.aborted));
    };
    const outgoing = httpsRequest({
      agent,
      method: "POST",
      host,
      port,
      localAddress,
      path: url.pathname + url.search,
      // The certificate must be the service's, whichever endpoint shows it.
      servername: url.hostname.replace(/^\[|\]$/g, ""),
      headers: {
        host: url.host,
        "content-type": "application/json",
        accept: "application/json, */*",
        "content-length": Buffer.byteLength(text),
        "user-agent": "kube-apiserver-admission",
        ...(credentials.token !== undefined && { authorization: `Bearer ${credentials.token}` }),
      },
      ...(credentials.certificate !== undefined && { cert: credentials.certificate, key: credentials.key }),
      ...(ca !== "" && { ca }),
      signal: deadline,
    });
    outgoing.on("error", (error: NodeJS.ErrnoException) => {
      // The other end may have closed a connection that was kept open just as the request went out on it.
      const isStale = outgoing.reusedSocket && error.code === "ECONNRESET" && !deadline.aborted;
      if (isStale) resolve(post(agent, posted));
      else fail(error);
    });
    outgoing.on("response", (answer) => {
      const chunks: Buffer[] = [];
      let size = 0;
      answer.on("error", fail);
      answer.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size > mostBytes) outgoing.destroy(new Error("the answer is too large"));
        else chunks.push(chunk);
      });
      answer.on("end", () => {
        const status = answer.statusCode ?? 0;
        if (status >= 200 && status < 300) resolve(Buffer.concat(chunks).toString());
        else {
          const message = refusalOf(status, Buffer.concat(chunks).toString());
          reject(new WebhookError(message, isTransientStatus(status, answer.headers["retry-after"])));
        }
      });
    });
    outgoing.end(text);
  });
}

/** What client-go says of an answer that is no success. */
function refusalOf(status: number, body: string): string {
  const text = body.trim().slice(0, 1024);
  if (status === 404) return "the server could not find the requested resource";
  if (status >= 500) return `an error on the server ("${text || "unknown"}") has prevented the request from succeeding`;
  return `the server rejected our request for an unknown reason`;
}
