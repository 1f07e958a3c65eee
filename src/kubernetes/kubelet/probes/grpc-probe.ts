// A gRPC probe: the standard health service (grpc.health.v1) must say SERVING.

import { Client, credentials, type ServiceError, status } from "@grpc/grpc-js";
import { createCodec } from "#grpc";
import { joinHostPort } from "./dial-error.ts";
import { fail, type ProbeResult, succeed } from "./probe-result.ts";

const codec = createCodec({
  messages: { Request: { service: [1, "string"] }, Response: { status: [1, "ServingStatus"] } },
  enums: { ServingStatus: ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"] },
} as const);

export async function probeGrpc(host: string, port: number, service: string, timeoutMs: number): Promise<ProbeResult> {
  const address = joinHostPort(host, port);
  const deadline = Date.now() + timeoutMs;
  const within = `${timeoutMs / 1000}s`;
  const client = new Client(address, credentials.createInsecure(), { "grpc.primary_user_agent": "kube-probe/1.36" });
  try {
    const connected = await new Promise<boolean>((resolve) =>
      client.waitForReady(deadline, (error) => resolve(!error)),
    );
    if (!connected) {
      return fail(
        `timeout: failed to connect service ${JSON.stringify(address)} within ${within}: context deadline exceeded`,
      );
    }
    return await check(client, service, deadline, within);
  } finally {
    client.close();
  }
}

function check(client: Client, service: string, deadline: number, within: string): Promise<ProbeResult> {
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      "/grpc.health.v1.Health/Check",
      (request: string) => codec.encode("Request", { service: request }),
      (bytes) => codec.decode("Response", bytes),
      service,
      { deadline },
      (error, answer) => {
        if (error) resolve(fail(explain(error, within)));
        else if (answer?.status === "SERVING") resolve(succeed("service healthy"));
        else resolve(fail(`service unhealthy (responded with ${JSON.stringify(answer?.status)})`));
      },
    );
  });
}

function explain({ code, details }: ServiceError, within: string): string {
  if (code === status.UNIMPLEMENTED) {
    return `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${details}`;
  }
  if (code === status.DEADLINE_EXCEEDED) return `timeout: health rpc did not complete within ${within}`;
  return `error: health rpc probe failed: ${details}`;
}
