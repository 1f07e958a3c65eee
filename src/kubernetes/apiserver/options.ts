// What a server is made with. Everything has a default but the store.

import type { Node, UserInfo } from "#kubernetes/api";
import type { Store } from "#kubernetes/store";
import type { Clock, Logger } from "#shared";
import type { AuditOptions } from "./audit/audit-stage.ts";
import type { AuthenticationConfiguration } from "./authentication/structured/authentication-configuration.ts";
import type { AuthorizationConfiguration } from "./authorization/structured/authorization-configuration.ts";
import type { MetricSource } from "./metrics/server-metrics.ts";
import type { HealthCheck } from "./paths/health.ts";
import type { WebhookClient } from "./webhooks/call-webhook.ts";

export interface ApiServerOptions {
  readonly store: Store;
  /** Ranges services get their addresses from, one per family, the first the primary. Default: 10.96.0.0/16. */
  readonly serviceCIDRs?: readonly string[];
  /** Ports of nodes services may take. Default: 30000–32767. */
  readonly nodePorts?: { readonly first: number; readonly last: number };
  /** Where the `kubernetes` service leads. Default: nowhere, until `listen` is called. */
  readonly advertise?: {
    readonly address: string;
    readonly port: number;
    /** Other servers share the store: the service leads to all that live, each by a lease. */
    readonly isShared?: boolean;
  };
  /** An address of this machine that connections to pods and services come from. Default: the system chooses. */
  readonly podSideAddress?: string;
  readonly serviceAccounts?: ServiceAccountOptions;
  /** Bearer tokens and whom they stand for. */
  readonly tokens?: Readonly<Record<string, UserInfo>>;
  /** Tokens of outside issuers (OIDC), and who may ask without credentials. Default: none. */
  readonly authentication?: AuthenticationConfiguration;
  /** Asked about bearer tokens that nothing else here knows. Default: nobody is. */
  readonly tokenWebhook?: WebhookClient;
  /** Whether requests without credentials pass as system:anonymous. Default true. */
  readonly anonymous?: boolean;
  /** Default "rbac": nodes by what their pods need, all others by their roles; or what `authorizationConfiguration` says. */
  readonly authorization?: "rbac" | "always-allow";
  /** Who is asked whether a request is allowed, and in which order: webhooks, too. */
  readonly authorizationConfiguration?: AuthorizationConfiguration;
  /**
   * The plug-ins that run, by upstream's names. Default: upstream's defaults and NodeRestriction; OwnerReferencesPermissionEnforcement
   * only where it is named. An empty list turns admission off.
   */
  readonly admission?: readonly string[];
  /** Front proxies (X-Remote-User), of which this server is one to the API servers it aggregates. */
  readonly frontProxy?: FrontProxyOptions;
  /** PEM of the authorities of client certificates, which the servers aggregated here are to trust as well. Default: none. */
  readonly clientAuthority?: string;
  /** How this server shows itself to kubelets. Default: without a certificate, and any kubelet is believed. */
  readonly kubeletClient?: KubeletClientOptions;
  /** Why a node has no kubelet to ask, as one that is simulated; undefined: it has one. Default: all have one. */
  readonly explainMissingKubelet?: (node: Node) => string | undefined;
  /** What can be done with the store's data besides reading and writing. Default: it can be compacted. */
  readonly storeUpkeep?: StoreUpkeep;
  /** What is written down of requests, and where. Default: nothing. */
  readonly audit?: AuditOptions;
  /** How many requests over the wire run at once; what is more waits its turn by priority and fairness. Default 600; 0: any number. */
  readonly mostRequestsInFlight?: number;
  /** How the store's data is encrypted: its health and its numbers are shown. Default: it is not. */
  readonly encryption?: { readonly check: HealthCheck } & MetricSource;
  /** Metrics of other parts of the process as text, which /metrics ends with. Default: none. */
  readonly otherMetrics?: readonly (() => Promise<string>)[];
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** The care of the data, by the paths under /slipway/store/. */
export interface StoreUpkeep {
  /** All data as it is now, as the store's own tools restore it. */
  readonly snapshot?: () => AsyncIterable<Uint8Array>;
  /** Gives free space back to the disk. */
  readonly defragment?: () => Promise<void>;
  /** What it takes of the disk, in bytes. */
  readonly size?: () => Promise<number>;
}

export interface ServiceAccountOptions {
  /** Default: https://kubernetes.default.svc.cluster.local. More than one: the first issues, all are believed. */
  readonly issuers?: readonly string[];
  /** PEM of the key tokens are signed with. Default: one made now, so that tokens end with the server. */
  readonly signingKey?: string;
  /** PEM of further keys tokens may be signed with. */
  readonly verifyingKeys?: readonly string[];
  /** Default: the issuers. */
  readonly audiences?: readonly string[];
  /** Where others find the keys. Default: this server's address. */
  readonly jwksUri?: string;
}

export interface FrontProxyOptions {
  /** PEM of the authority their certificates are signed by. */
  readonly authority: string;
  /** The names their certificates may have. Default: any. */
  readonly names?: readonly string[];
  /** PEM of this server's own certificate as a front proxy. Default: it shows none. */
  readonly client?: { readonly certificate: string; readonly key: string };
}

export interface KubeletClientOptions {
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
  /** The authority kubelets' certificates are signed by; undefined: they are not checked. */
  readonly authority?: string;
  /** Address types of nodes in order of preference. Default: as upstream's. */
  readonly addressTypes?: readonly string[];
}

export const defaultIssuer = "https://kubernetes.default.svc.cluster.local";
export const defaultServiceCIDR = "10.96.0.0/16";
export const defaultNodePorts = { first: 30000, last: 32767 };
