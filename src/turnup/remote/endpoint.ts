// Where everybody reaches the API of a cluster whose machines are elsewhere. Pure.

import type { ClusterConfig } from "#config";
import type { Machine, Network } from "#provision";
import { exitCodes, UserError } from "#shared";

export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** Where people reach it, if elsewhere. */
  readonly publicHost?: string;
}

const usualPort = 6443;

/** The configuration's, the virtual address, the provider's, or the only control plane's. Throws a UserError where there is none. */
export function chooseEndpoint(
  config: ClusterConfig,
  network: Network | undefined,
  controlPlanes: readonly Pick<Machine, "address">[],
): Endpoint {
  const { endpoint, virtualAddress, replicas } = config.controlPlane;
  const port = config.network.apiServerPort || usualPort;
  if (endpoint !== undefined) {
    const [host = "", given] = endpoint.split(":");
    return { host, port: given === undefined ? port : Number(given) };
  }
  const { controlPlaneAddress: people, internalControlPlaneAddress: machines } = network ?? {};
  const host = virtualAddress ?? machines ?? people;
  if (host !== undefined) {
    return { host, port, ...(machines !== undefined && people !== undefined && { publicHost: people }) };
  }
  const [only] = controlPlanes;
  if (only && replicas === 1) return { host: only.address, port };
  throw new UserError(
    only
      ? `Cannot choose where the API is reached: there are ${replicas} control planes and no address before them`
      : "Cannot choose where the API is reached: the control plane's machine has no address yet",
    {
      hints: [
        "Name a free address of the machines' network in controlPlane.virtualAddress, or a load balancer's in controlPlane.endpoint.",
      ],
      exitCode: exitCodes.config,
    },
  );
}

/** As a URL, for people. */
export function serverOf({ host, port, publicHost }: Endpoint): string {
  return `https://${publicHost ?? host}:${port}`;
}
