// Every host a bundle is gathered from, played by one server on this machine: where programs are published, a registry, and whoever
// publishes add-ons. A `fetch` that leads there, and can be cut off.

import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

export interface Publishers {
  /** As the world's, while it is there. */
  readonly fetch: typeof fetch;
  /** "https://dl.k8s.io/…" of everything that was asked for. */
  readonly asked: string[];
  /** From now on every host is unreachable. */
  cutOff(): void;
}

/** `files` are what lies at URLs besides programs and images, which are there under any name. */
export async function startPublishers(
  t: TestContext,
  files: Readonly<Record<string, string>> = {},
): Promise<Publishers> {
  const asked: string[] = [];
  const server = createServer((request, response) => answer(files, request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  let isReachable = true;
  const lead = async (input: string | URL | Request, init?: RequestInit) => {
    const url = String(input);
    asked.push(url);
    if (!isReachable)
      throw new TypeError("fetch failed", { cause: new Error(`getaddrinfo ENOTFOUND ${new URL(url).host}`) });
    return fetch(`http://127.0.0.1:${port}/${url.replace("https://", "")}`, init);
  };
  return {
    fetch: lead as typeof fetch,
    asked,
    cutOff() {
      isReachable = false;
    },
  };
}

function answer(files: Readonly<Record<string, string>>, request: IncomingMessage, response: ServerResponse): void {
  const url = `https:/${request.url}`;
  const body = files[url] ?? registryAnswer(url) ?? programAnswer(url);
  response.writeHead(body === undefined ? 404 : 200).end(body);
}

/** What lies at a URL where programs are published: its own URL. */
export function programText(url: string): string {
  return `the program at ${url}\n`;
}

/** Programs, and the lists of their digests. */
function programAnswer(url: string): string | undefined {
  if (!/\/\/(dl\.k8s\.io|github\.com)\//.test(url)) return undefined;
  if (url.endsWith(".sha256")) return `${hashOf(programText(url.replace(/\.sha256$/, "")))}\n`;
  if (!/\/sha256sum-\w+\.txt$/.test(url)) return programText(url);
  const names = ["k3s", "k3s-airgap-images-amd64.tar.zst", "k3s-airgap-images-arm64.tar.zst"];
  const folder = url.slice(0, url.lastIndexOf("/"));
  return names.map((name) => `${hashOf(programText(`${folder}/${name}`))}  ${name}\n`).join("");
}

/** Every image is there, each with a layer of its own. */
function registryAnswer(url: string): string | undefined {
  const { host, repository, kind } =
    /^https:\/\/(?<host>[^/]+)\/v2\/(?<repository>.+)\/(?<kind>manifests|blobs)\//.exec(url)?.groups ?? {};
  if (host === undefined) return undefined;
  const layer = `the layer of ${host}/${repository}`;
  const config = JSON.stringify({ architecture: "amd64", os: "linux", of: repository });
  if (kind === "blobs") return [layer, config].find((text) => url.endsWith(hashOf(text)));
  return JSON.stringify({
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: { mediaType: "c", digest: `sha256:${hashOf(config)}`, size: config.length },
    layers: [{ mediaType: "l", digest: `sha256:${hashOf(layer)}`, size: layer.length }],
  });
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
