// The HTTP request of probes and lifecycle hooks: no keep-alive, no checks of certificates, redirects only to the same host.

import { request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Container, HTTPGetAction } from "#kubernetes/api";
import { resolvePort } from "./container-port.ts";
import { describeDialError } from "./dial-error.ts";
import { longestOutput } from "./probe-result.ts";

export interface HttpGet {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
}

export interface HttpAnswer {
  readonly status: number;
  /** Its first 10 KiB. */
  readonly body: string;
  /** Where the request ended up, if it was led to another host: not followed. */
  readonly redirect?: URL;
}

const mostRedirects = 10;

/** The request an action asks for. Throws for a port that cannot be found. */
export function makeHttpGet(
  action: HTTPGetAction,
  container: Pick<Container, "ports">,
  podIP: string,
  purpose: "probe" | "lifecycle",
): HttpGet {
  const host = action.host || podIP;
  const port = resolvePort(action.port, container);
  const scheme = (action.scheme ?? "HTTP").toLowerCase();
  const path = action.path?.startsWith("/") ? action.path : `/${action.path ?? ""}`;
  const headers: Record<string, string[]> = {};
  for (const { name, value } of action.httpHeaders ?? []) {
    const key = Object.keys(headers).find((each) => each.toLowerCase() === name.toLowerCase()) ?? name;
    headers[key] = [...(headers[key] ?? []), value];
  }
  const has = (name: string) => Object.keys(headers).some((each) => each.toLowerCase() === name);
  if (!has("user-agent")) headers["User-Agent"] = [`kube-${purpose}/1.36`];
  if (!has("accept")) headers["Accept"] = ["*/*"];
  return { url: new URL(`${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}${path}`), headers };
}

/** Carries it out, following redirects to the same host. Throws with Go's words. */
export async function sendHttpGet(get: HttpGet, timeoutMs: number, signal?: AbortSignal): Promise<HttpAnswer> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const both = signal ? AbortSignal.any([signal, timeout]) : timeout;
  let { url } = get;
  for (let hops = 0; ; hops++) {
    try {
      const answer = await sendOnce({ ...get, url }, both);
      const next = answer.status >= 300 && answer.status < 400 ? answer.location : undefined;
      if (!next || !URL.canParse(next, url.href)) return { status: answer.status, body: answer.body };
      const target = new URL(next, url);
      if (target.hostname !== get.url.hostname) return { status: answer.status, body: answer.body, redirect: target };
      if (hops >= mostRedirects) throw new Error("stopped after 10 redirects");
      url = target;
    } catch (error) {
      throw new Error(`Get ${JSON.stringify(String(url))}: ${explain(error, url, timeout.aborted)}`, { cause: error });
    }
  }
}

interface OneAnswer {
  readonly status: number;
  readonly body: string;
  readonly location: string | undefined;
}

function sendOnce({ url, headers }: HttpGet, signal: AbortSignal): Promise<OneAnswer> {
  return new Promise((resolve, reject) => {
    const options: RequestOptions & { rejectUnauthorized: boolean } = {
      agent: false,
      signal,
      headers: { ...headers, connection: "close" } as Record<string, string>,
      rejectUnauthorized: false,
    };
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    const call = send(url, options, (response) => {
      readBody(response).then(
        (body) => resolve({ status: response.statusCode ?? 0, body, location: response.headers.location }),
        reject,
      );
    });
    call.on("error", reject);
    call.end();
  });
}

/** Reads no more than is kept. */
async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= longestOutput) break;
  }
  return Buffer.concat(chunks).subarray(0, longestOutput).toString("utf8");
}

function explain(error: unknown, url: URL, timedOut: boolean): string {
  if (timedOut) return "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";
  const { code, message } = error as NodeJS.ErrnoException;
  const defaultPort = url.protocol === "https:" ? 443 : 80;
  if (code === "EPROTO" || /wrong version number|packet length too long/.test(message)) {
    return "http: server gave HTTP response to HTTPS client";
  }
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return describeDialError(error, host, Number(url.port) || defaultPort) ?? message;
}
