// A webhook for tests: a real HTTPS server that answers AdmissionReviews as it is told, and keeps what it was asked.

import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";

const fixture = (name: string) =>
  readFileSync(new URL(`../../fixtures/tls/localhost.${name}`, import.meta.url), "utf8");

export interface Review {
  readonly request: Readonly<Record<string, unknown>> & {
    readonly uid: string;
    readonly operation: string;
    readonly object: Readonly<Record<string, unknown>> | null;
    readonly oldObject: Readonly<Record<string, unknown>> | null;
  };
}

export interface WebhookServer extends AsyncDisposable {
  /** How configurations name it. */
  clientConfig(path?: string): { url: string; caBundle: string };
  readonly asked: readonly Review[];
  /** What it answers from here on; undefined: it never does. */
  answer: (review: Review, path: string) => object | undefined;
  /** Closes the connection of the next request instead of answering it. */
  dropNext(): void;
}

/** Allows everything until it is told otherwise. */
export async function startWebhook(): Promise<WebhookServer> {
  const asked: Review[] = [];
  let drops = false;
  const server = createServer({ key: fixture("key"), cert: fixture("crt") }, (request, response) => {
    if (drops) {
      drops = false;
      return void request.socket.destroy();
    }
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const review = JSON.parse(Buffer.concat(chunks).toString()) as Review;
      asked.push(review);
      const { pathname } = new URL(request.url ?? "", "https://localhost");
      const answer = webhook.answer(review, pathname);
      if (answer) response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const webhook: WebhookServer = {
    asked,
    dropNext: () => {
      drops = true;
    },
    answer: (review) => reviewed(review, { allowed: true }),
    clientConfig: (path = "/") => ({
      url: `https://localhost:${port}${path}`,
      caBundle: Buffer.from(fixture("crt")).toString("base64"),
    }),
    [Symbol.asyncDispose]: () => close(server),
  };
  return webhook;
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

/** An AdmissionReview with this response. */
export function reviewed({ request: { uid } }: Review, response: object): object {
  return { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: { uid, ...response } };
}

/** A response that changes the object. */
export function patching(operations: readonly object[]): object {
  const patch = Buffer.from(JSON.stringify(operations)).toString("base64");
  return { allowed: true, patch, patchType: "JSONPatch" };
}
