// Sees to it that a container's image is there: looks, pulls where the policy says so, waits after failures. Events as upstream's.

import { readFile } from "node:fs/promises";
import { formatGrpcError, GrpcError, grpcCodes } from "#grpc";
import type { Secret } from "#kubernetes/api";
import { type Clock, describeError } from "#shared";
import type { CriClient } from "../cri/cri-client.ts";
import type { CriMessage } from "../cri/protocol.ts";
import { Backoff, restartBackoff } from "../runtime/backoff.ts";
import { StartError, type StartFailureReason } from "../runtime/sync-error.ts";
import { findCredentials } from "./credentials.ts";
import { parseImageName, withDefaultTag } from "./image-name.ts";

export interface ImageRequest {
  readonly image: string;
  readonly pullPolicy: string | undefined;
  readonly podUid: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly sandboxConfig: CriMessage<"PodSandboxConfig">;
  /** The pod's pull secrets; asked for only when there is something to pull. */
  secrets(): Promise<readonly Secret[]>;
  event(type: "Normal" | "Warning", reason: string, message: string): void;
  /** Breaks off a pull, quietly. */
  readonly signal?: AbortSignal;
}

export interface ImagePuller {
  /** The image's id in the runtime. Throws StartError; the signal's reason where it was broken off. */
  ensure(request: ImageRequest): Promise<string>;
}

export interface ImagePullerOptions {
  readonly cri: CriClient;
  readonly clock: Clock;
  /** A Docker config.json with the node's own credentials. Default: none. */
  readonly registryAuthFile?: string;
}

export function createImagePuller({ cri, clock, registryAuthFile }: ImagePullerOptions): ImagePuller {
  const backoff = new Backoff(restartBackoff, clock);
  const lastFailures = new Map<string, string>();

  const inspect = async (request: ImageRequest, image: string): Promise<string | undefined> => {
    try {
      const answer = await cri.call("ImageStatus", { image: { image, annotations: request.annotations } });
      return answer.image?.id || undefined;
    } catch (error) {
      throw failure(
        request,
        "ImageInspectError",
        "InspectFailed",
        `Failed to inspect image "": ${formatGrpcError(error)}`,
      );
    }
  };

  const pull = async (request: ImageRequest, image: string): Promise<string> => {
    const key = `${request.podUid}_${request.image}`;
    const waitMs = backoff.remaining(key);
    if (waitMs > 0) {
      const message = `Back-off pulling image ${JSON.stringify(request.image)}`;
      request.event("Normal", "BackOff", message);
      const previous = lastFailures.get(key);
      const status = previous ? `${message}: ${previous}` : message;
      throw new StartError("ImagePullBackOff", status, { retryAt: clock.now() + waitMs });
    }
    lastFailures.delete(key);
    request.event("Normal", "Pulling", `Pulling image ${JSON.stringify(request.image)}`);
    const startedAt = clock.now();
    try {
      const imageRef = await pullWithAnyCredential(request, image);
      request.event("Normal", "Pulled", await describePull(cri, request.image, image, clock.now() - startedAt));
      return imageRef;
    } catch (error) {
      request.signal?.throwIfAborted();
      const text = describePullError(error);
      request.event("Warning", "Failed", `Failed to pull image ${JSON.stringify(request.image)}: ${text}`);
      backoff.next(key);
      const { reason, message } = explainPullFailure(request.image, text);
      lastFailures.set(key, `${reason}: ${message}`);
      throw new StartError(reason, message, { retryAt: clock.now() + backoff.remaining(key) });
    }
  };

  const pullWithAnyCredential = async (request: ImageRequest, image: string): Promise<string> => {
    const nodeFile =
      registryAuthFile === undefined ? undefined : await readFile(registryAuthFile, "utf8").catch(() => undefined);
    const credentials = findCredentials(parseImageName(image).repository, await request.secrets(), nodeFile);
    const errors: string[] = [];
    for (const auth of credentials.length > 0 ? credentials : [undefined]) {
      try {
        const { annotations, sandboxConfig, signal } = request;
        const wanted = { image: { image, annotations }, auth, sandboxConfig };
        return (await cri.call("PullImage", wanted, { signal })).imageRef;
      } catch (error) {
        request.signal?.throwIfAborted();
        if (credentials.length <= 1) throw error;
        errors.push(describePullError(error));
      }
    }
    throw new Error(errors.length === 1 ? errors[0] : `[${errors.join(", ")}]`);
  };

  return {
    async ensure(request) {
      const image = checkName(request);
      const present = request.pullPolicy === "Always" ? undefined : await inspect(request, image);
      const quoted = JSON.stringify(request.image);
      if (present !== undefined) {
        const message = `Container image ${quoted} already present on machine and can be accessed by the pod`;
        request.event("Normal", "Pulled", message);
        return present;
      }
      if (request.pullPolicy !== "Never") return pull(request, image);
      const message = `Container image ${quoted} is not present with pull policy of Never`;
      throw failure(request, "ErrImageNeverPull", "ErrImageNeverPull", message);
    },
  };
}

function checkName(request: ImageRequest): string {
  try {
    return withDefaultTag(request.image);
  } catch (error) {
    const message = `Failed to apply default image tag ${JSON.stringify(request.image)}: ${describeError(error)}`;
    throw failure(request, "InvalidImageName", "InspectFailed", message);
  }
}

function failure(request: ImageRequest, reason: StartFailureReason, event: string, message: string): StartError {
  request.event("Warning", event, message);
  return new StartError(reason, message);
}

/** An unknown code tells nothing, so upstream leaves gRPC's frame out. */
function describePullError(error: unknown): string {
  const isPlain = error instanceof GrpcError && error.code === grpcCodes.unknown;
  return isPlain ? error.message : formatGrpcError(error);
}

/** Runtimes mark two kinds of failure by the first word of their message. */
function explainPullFailure(image: string, text: string): { reason: StartFailureReason; message: string } {
  const known = [
    ["RegistryUnavailable", "the registry is unavailable"],
    ["SignatureValidationFailed", "the signature validation failed"],
  ] as const;
  for (const [reason, words] of known) {
    if (text.startsWith(reason)) {
      return { reason, message: `image pull failed for ${image} because ${words}${text.slice(reason.length)}` };
    }
  }
  return { reason: "ErrImagePull", message: text };
}

async function describePull(cri: CriClient, asked: string, image: string, tookMs: number): Promise<string> {
  const status = await cri.call("ImageStatus", { image: { image } }).catch(() => undefined);
  const took = tookMs < 1000 ? `${tookMs}ms` : `${tookMs / 1000}s`;
  return `Successfully pulled image ${JSON.stringify(asked)} in ${took} (${took} including waiting). Image size: ${status?.image?.size ?? 0} bytes.`;
}
