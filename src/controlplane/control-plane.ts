// A control plane in this process: the API server on a store, and whatever of the controllers, the scheduler and simulated nodes is
// wanted, all of which call it as functions. The process of a local cluster (main.ts) and startCluster (src/index.ts) are made of it.

import type { UserInfo } from "#kubernetes/api";
import { type ApiServer, type ApiServerOptions, createApiServer } from "#kubernetes/apiserver";
import { type Client, createClient, createDirectTransport } from "#kubernetes/client";
import { type Clock, type Logger, silentLogger, systemClock } from "#shared";

export interface ControlPlaneSettings {
  readonly apiServer: Omit<ApiServerOptions, "clock" | "logger">;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

export interface ControlPlane {
  readonly apiServer: ApiServer;
  /** A client with all rights, in the name of the cluster's admin. */
  readonly client: Client;
  /** Resolves when nothing of it is running. The store stays open: it is the caller's. */
  stop(): Promise<void>;
}

/** Who components of the control plane act as. They may do anything, as upstream's may by their roles taken together. */
export function componentUser(name: string): UserInfo {
  return { name, groups: ["system:masters", "system:authenticated"] };
}

/** Starts it. The API server answers when its `ready` resolves; the others begin by themselves. */
export function startControlPlane(settings: ControlPlaneSettings): ControlPlane {
  const { clock = systemClock, logger = silentLogger } = settings;
  const apiServer = createApiServer({ ...settings.apiServer, clock, logger: logger.child({ component: "apiserver" }) });
  const clientOf = (user: string, userAgent: string) =>
    createClient({ transport: createDirectTransport(apiServer.handler, componentUser(user)), userAgent });
  return {
    apiServer,
    client: clientOf("kubernetes-admin", "slipway"),
    async stop() {
      await apiServer.stop();
    },
  };
}
