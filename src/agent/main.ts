// The agent's process: agent <file of options>. Says that it is ready when its node is registered.

import { readFile } from "node:fs/promises";
import { type AgentOptions, notifySupervisor } from "#bootstrap";
import { createLogger, describeError } from "#shared";
import { createAgent } from "./agent.ts";

export async function runAgent(optionsFile: string): Promise<void> {
  const options = JSON.parse(await readFile(optionsFile, "utf8")) as AgentOptions;
  process.title = `slipway: agent ${options.nodeName}`;
  const logger = createLogger({ name: "agent" });
  const [cert, key, clientCa] = await Promise.all(
    [options.servingCertificate, options.servingKey, options.clientAuthority].map((path) => readFile(path, "utf8")),
  );
  const agent = await createAgent(options, { host: "0.0.0.0", cert: cert!, key: key!, clientCa: clientCa! }, logger);
  await agent.start();
  logger.info({ node: options.nodeName }, "node is registered");
  await notifySupervisor();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      agent.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          logger.error({ error: describeError(error) }, "cannot stop in order");
          process.exit(1);
        },
      );
    });
  }
}
