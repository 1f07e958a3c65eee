// Signs approved CertificateSigningRequests for the four signers of kubernetes.io, with the cluster's authority.

import { type CertificateSigningRequest, resources } from "#kubernetes/api";
import {
  createController,
  done,
  formatTime,
  type ReconcileContext,
  type ReconcileResult,
  watch,
} from "#kubernetes/runtime";
import { readRequest } from "../certificates/signing-request.ts";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { OwnWrites } from "../own-writes.ts";
import { type CertificateAuthority, loadAuthority } from "./certificate-authority.ts";
import { isToBeSigned, planValidity, refuseRequest } from "./plan.ts";

const defaultDurationMs = 365 * 24 * 60 * 60_000;

export function createCsrSigningController(context: ControllerContext): ControllerProcess | undefined {
  const { client, informers, settings } = context;
  const { clusterSigning } = settings;
  if (!clusterSigning) return undefined;
  const requests = informers.informer(resources.certificateSigningRequests);
  let loading: Promise<CertificateAuthority> | undefined;
  const longestMs = clusterSigning.durationMs ?? defaultDurationMs;

  const reconcile = async (name: string, { clock, signal }: ReconcileContext): Promise<ReconcileResult> => {
    const request = requests.get({ name });
    if (!request || !isToBeSigned(request)) return done;
    loading ??= loadAuthority(clusterSigning.certificate, clusterSigning.key);
    const status = await sign(request, await loading, { nowMs: clock.now(), longestMs });
    const writes = new OwnWrites();
    const options = { subresource: "status", signal };
    const wished = { ...request, status: { ...request.status, ...status } };
    writes.note(requests, await client.update(resources.certificateSigningRequests, wished, options));
    await writes.seen(signal);
    return done;
  };

  return createController({
    ...context,
    name: "certificate",
    reconcile,
    watches: [
      watch(requests, (queue) => {
        const add = (request: CertificateSigningRequest) => {
          if (isToBeSigned(request)) queue.add(request.metadata.name ?? "");
        };
        return { added: add, updated: add };
      }),
    ],
  });
}

/** The part of the status that changes: a certificate, or a condition that says why there never will be one. */
async function sign(
  request: CertificateSigningRequest,
  authority: CertificateAuthority,
  { nowMs, longestMs }: { readonly nowMs: number; readonly longestMs: number },
): Promise<CertificateSigningRequest["status"]> {
  const { spec, status } = request;
  const asked = readRequest(request);
  const message = refuseRequest(request, asked);
  if (message !== undefined) {
    const lastUpdateTime = formatTime(nowMs);
    const failed = { type: "Failed", status: "True", reason: "SignerValidationFailure", message, lastUpdateTime };
    return { conditions: [...(status?.conditions ?? []), failed] };
  }
  const validity = planValidity(spec.expirationSeconds, nowMs, { longestMs, authorityEndsMs: authority.endsMs });
  const pem = await authority.sign(asked, spec.usages ?? [], validity);
  return { certificate: Buffer.from(pem).toString("base64") };
}
