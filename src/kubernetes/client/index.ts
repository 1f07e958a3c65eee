// The typed client, its transports, kubeconfigs, and informers.

export type * from "./client.ts";
export { type ClientOptions, createClient } from "./create-client.ts";
export { createDirectTransport } from "./direct-transport.ts";
export { type DiscoveredResource, type Discovery, discoverResources } from "./discovery.ts";
export { getJson } from "./get-json.ts";
export type { TlsOptions } from "./http/dial.ts";
export { createHttpTransport, type HttpTransport, type HttpTransportOptions } from "./http/http-transport.ts";
export type * from "./informer.ts";
export { type Backoff, type BackoffOptions, createBackoff } from "./informers/backoff.ts";
export { createInformerSet, type InformerSetOptions } from "./informers/informer-set.ts";
export { compareResourceVersions } from "./informers/resource-version.ts";
export { TurnBudget } from "./informers/turn-budget.ts";
export {
  type Connection,
  connectionOf,
  inClusterConnection,
  type Kubeconfig,
  type KubeconfigCluster,
  type KubeconfigContext,
  type KubeconfigUser,
  loadKubeconfig,
  parseKubeconfig,
} from "./kubeconfig.ts";
export { type MeasuredRequest, measureTransport } from "./measure-transport.ts";
