// The node's part in storage as the agent runs it: folders for the claims of pods that come here, with an identity of its own.

import type { AgentOptions } from "#bootstrap";
import { type Client, createInformerSet } from "#kubernetes/client";
import { createLocalPathProvisioner, createVolumeFolders } from "#kubernetes/storage";
import { type Logger, systemClock } from "#shared";

export interface NodeStorage {
  start(): void;
  stop(): Promise<void>;
}

export function createNodeStorage(options: AgentOptions, client: Client, logger: Logger): NodeStorage {
  const { nodeName, volumesFolder } = options;
  const informers = createInformerSet(client, { clock: systemClock, logger });
  const provisioner = createLocalPathProvisioner({
    client,
    informers,
    hostnameOf: (name) => (name === nodeName ? nodeName : undefined),
    isOurHostname: (hostname) => hostname === nodeName,
    folders: createVolumeFolders(volumesFolder),
    clock: systemClock,
    logger,
  });
  return {
    start() {
      provisioner.start();
      informers.start();
    },
    async stop() {
      await provisioner.stop();
      await informers.stop();
      await client.close();
    },
  };
}
