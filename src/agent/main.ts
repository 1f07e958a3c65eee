// The agent's process: agent <file of options>. Says that it is ready when its node is registered.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AgentOptions,
  createSandboxImage,
  importArchives,
  importImages,
  notifySupervisor,
  thisArchitecture,
} from "#bootstrap";
import { callAt, createLogger, describeError, exec, systemClock } from "#shared";
import { createAgent } from "./agent.ts";
import { ensureIdentity } from "./identity/node-identity.ts";

/** `version` is what the node says it runs. */
export async function runAgent(optionsFile: string, version: string): Promise<void> {
  const options = JSON.parse(await readFile(optionsFile, "utf8")) as AgentOptions;
  process.title = `slipway: agent ${options.nodeName}`;
  const logger = createLogger({ name: "agent" });
  const ending = new AbortController();
  const renewalMs = await ensureIdentity(options, { clock: systemClock, logger, signal: ending.signal });
  if (options.sandbox) await bringImages(options, options.sandbox);
  const [cert, key, clientCa] = await Promise.all(
    [options.servingCertificate, options.servingKey, options.clientAuthority].map((path) => readFile(path, "utf8")),
  );
  const server = { host: "0.0.0.0", cert: cert!, key: key!, clientCa: clientCa! };
  const agent = await createAgent(options, { server, version, logger });
  await agent.start();
  logger.info({ node: options.nodeName }, "node is registered");
  await notifySupervisor();
  const stop = (why: string) => {
    logger.info({ why }, "stopping");
    agent.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ error: describeError(error) }, "cannot stop in order");
        process.exit(1);
      },
    );
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop(signal));
  // Whoever keeps this process running starts it anew, which asks for new certificates first. Pods go on meanwhile.
  callAt(systemClock, renewalMs, () => stop("certificates are to be renewed"));
}

/** The sandbox image is from memory: no registry is asked for what every pod needs. What a bundle has brought lies in a folder. */
async function bringImages(
  { criSocket }: AgentOptions,
  { ctr, snapshotter, archives }: NonNullable<AgentOptions["sandbox"]>,
): Promise<void> {
  const target = { ctr, criSocket, snapshotter, exec, signal: new AbortController().signal };
  const folder = await mkdtemp(join(tmpdir(), "slipway-sandbox-"));
  try {
    const archive = join(folder, "image.tar");
    await writeFile(archive, createSandboxImage(thisArchitecture()));
    await importImages(archive, target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  if (archives !== undefined) await importArchives(archives, target);
}
