// The condition of a FlowSchema that says whether its priority level exists, written as the server itself.

import { type FlowSchema, formatTime } from "#kubernetes/api";
import type { Clock, Logger } from "#shared";
import type { Handler } from "../call.ts";
import { makeCall } from "../make-call.ts";

const manager = "api-priority-and-fairness-config-consumer-v1";
const user = { name: "system:apiserver", groups: ["system:masters", "system:authenticated"] };

export interface DanglingReporter {
  report(schema: FlowSchema, isDangling: boolean): void;
  stop(): void;
}

/** Reports one after the other, the last word on each schema only; `chain` is there by the time the first is due. */
export function createDanglingReporter(
  chain: () => Handler,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): DanglingReporter {
  const due = new Map<string, { schema: FlowSchema; isDangling: boolean }>();
  /** By uid: what has been said of a schema need not be said again while its change is on its way here. */
  const told = new Map<string, boolean>();
  let isRunning = false;
  let isStopped = false;

  const run = async (): Promise<void> => {
    isRunning = true;
    // What one change of the configuration sets off is gathered first.
    await Promise.resolve();
    for (const [name, { schema, isDangling }] of due) {
      if (isStopped) break;
      due.delete(name);
      const { uid = "" } = schema.metadata;
      told.set(uid, isDangling);
      await write(chain(), schema, isDangling, formatTime(clock.now())).catch((error: unknown) => {
        told.delete(uid);
        logger.debug({ err: error, schema: name }, "cannot write a flow schema's status");
      });
    }
    isRunning = false;
  };
  return {
    report(schema, isDangling) {
      if (told.get(schema.metadata.uid ?? "") === isDangling) return;
      due.set(schema.metadata.name ?? "", { schema, isDangling });
      if (!isRunning && !isStopped) void run();
    },
    stop() {
      isStopped = true;
    },
  };
}

async function write(chain: Handler, schema: FlowSchema, isDangling: boolean, now: string): Promise<void> {
  const { name = "" } = schema.metadata;
  const level = schema.spec?.priorityLevelConfiguration.name ?? "";
  const found = { status: "False", reason: "Found", message: referenceText(level, "and it exists") };
  const missing = { status: "True", reason: "NotFound", message: referenceText(level, "but there is no such object") };
  const condition = { type: "Dangling", lastTransitionTime: now, ...(isDangling ? missing : found) };
  const apiVersion = "flowcontrol.apiserver.k8s.io/v1";
  const object = { apiVersion, kind: "FlowSchema", metadata: { name }, status: { conditions: [condition] } };
  const call = makeCall(
    {
      method: "PATCH",
      path: `/apis/${apiVersion}/flowschemas/${encodeURIComponent(name)}/status`,
      query: new URLSearchParams({ fieldManager: manager, force: "true" }),
      headers: { "content-type": "application/apply-patch+yaml" },
      body: { kind: "object", object },
      user,
    },
    undefined,
  );
  await chain(call);
}

function referenceText(level: string, what: string): string {
  return `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(level)} ${what}`;
}
