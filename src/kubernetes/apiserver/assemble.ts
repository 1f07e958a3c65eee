// Makes the parts of a server and ties them together. No module keeps state: a process may hold many servers.

import type { ApiRequest, ApiResponse, PolicyRule } from "#kubernetes/api";
import { defineCustomResourceDefinition, kindDefinitionOf, parseCIDR } from "#kubernetes/api";
import { objectRulesOf, schemaRules } from "#kubernetes/cel";
import type { Clock, Logger } from "#shared";
import { type AdmissionPlugin, admitAll, createAdmission } from "./admission/admission.ts";
import { allPlugins, choosePlugins } from "./admission/default-plugins.ts";
import { createDynamicAdmission } from "./admission/dynamic-admission.ts";
import { expressionHooks } from "./admission/expressions/check-expressions.ts";
import { createAggregation } from "./aggregation/aggregation.ts";
import { createAuditStages } from "./audit/audit-stage.ts";
import { type Authenticator, createAuthenticator, type TokenAuthenticator } from "./authentication/authenticator.ts";
import { bootstrapTokens } from "./authentication/bootstrap-tokens.ts";
import { createLegacyTokens, type LegacyTokenOptions } from "./authentication/legacy-tokens.ts";
import { readServiceAccountKeys, type ServiceAccountKeys } from "./authentication/service-account-keys.ts";
import { createServiceAccountTokens, type ServiceAccountTokens } from "./authentication/service-account-tokens.ts";
import { jwtAuthenticators } from "./authentication/structured/jwt-authenticators.ts";
import {
  combineTokenAuthenticators,
  forAudiences,
  rememberTokens,
  staticTokens,
} from "./authentication/token-authenticators.ts";
import { noteTokenUse, startTokenTracking } from "./authentication/token-tracking.ts";
import { tokenWebhook } from "./authentication/token-webhook.ts";
import { assembleAuthorization } from "./authorization/assemble-authorization.ts";
import type { Authorizer } from "./authorization/authorizer.ts";
import { guardBindings, guardRoles } from "./authorization/escalation.ts";
import type { RbacIndex } from "./authorization/rbac-index.ts";
import { advertise } from "./bootstrap/advertise.ts";
import { publishTrust } from "./bootstrap/authentication-trust.ts";
import { bootstrap } from "./bootstrap/bootstrap.ts";
import { initialObjects } from "./bootstrap/initial-objects.ts";
import { type SharedEndpoints, shareEndpoints } from "./bootstrap/shared-endpoints.ts";
import type { Call, Handler } from "./call.ts";
import { createChain } from "./chain.ts";
import { createCustomResources } from "./custom-resources/custom-resources.ts";
import { deviceHooks } from "./devices/device-hooks.ts";
import { assembleFairness } from "./fairness/assemble-fairness.ts";
import type { Forms } from "./http/answer-writer.ts";
import type { Listener } from "./http/server.ts";
import { createLiveObjects, type LiveObjects } from "./live-objects.ts";
import { makeCall } from "./make-call.ts";
import { AccessMetrics } from "./metrics/access-metrics.ts";
import { AdmissionMetrics } from "./metrics/admission-metrics.ts";
import { ListMetrics } from "./metrics/list-metrics.ts";
import { measureStore, StoreMetrics } from "./metrics/measured-store.ts";
import type { Track } from "./metrics/request-metrics.ts";
import { type ApiServerOptions, defaultIssuer, defaultNodePorts, defaultServiceCIDR } from "./options.ts";
import { createPaths } from "./paths/paths.ts";
import { toResponse } from "./presentation/in-process.ts";
import type { RegistryContext } from "./registry/context.ts";
import { createPageAges } from "./registry/options/page-ages.ts";
import { createRegistry } from "./registry/registry.ts";
import { createBuiltInResources } from "./registry/resources/built-in.ts";
import { createResourceTable, type ResourceTable } from "./registry/resources/resource-table.ts";
import type { ResourceHooks } from "./registry/resources/served-resource.ts";
import { createBookmarkTicker } from "./registry/watch/bookmark-ticker.ts";
import type { Family } from "./services/cluster-addresses.ts";
import { createIpAllocator, type IpAllocator } from "./services/ip-allocator.ts";
import { createPortAllocator } from "./services/port-allocator.ts";
import { createServiceHooks } from "./services/service-hooks.ts";
import { certificateRequestHooks } from "./subresources/certificate-requests.ts";
import { namespaceHooks } from "./subresources/namespace.ts";
import { createNodeProxy } from "./subresources/proxy/node-proxy.ts";
import { createSpecialVerbs } from "./subresources/special-verbs.ts";
import { createWebhookCaller, type WebhookCaller } from "./webhooks/call-webhook.ts";

/** The kind with the engine of its schemas' rules, which lies outside of the table of kinds. */
const customResourceDefinition = defineCustomResourceDefinition(schemaRules);

type Settled = ApiServerOptions & { readonly clock: Clock; readonly logger: Logger };

export interface Parts {
  readonly chain: Handler;
  /** Undefined: nobody serves it. */
  readonly formsOf: (call: Call) => Forms | undefined;
  /** Whether another server will answer: the body is then its to read. */
  readonly isProxied: (call: Call) => boolean;
  readonly track: Track;
  /** Resolves when the server can answer. */
  start(): Promise<void>;
  /** Tells the cluster where the server listens. */
  advertise(listener: Listener): Promise<void>;
  /** Says from now on that the server is not ready: others are to be asked. */
  beginStop(): void;
  stop(): Promise<void>;
}

export function assemble({ store: unmeasured, ...given }: Settled): Parts {
  const storeMetrics = new StoreMetrics();
  const accessMetrics = new AccessMetrics();
  const admissionMetrics = new AdmissionMetrics();
  const lists = new ListMetrics();
  const store = measureStore(unmeasured, storeMetrics);
  const options = { ...given, store };
  const { clock, logger } = options;
  const objects = createLiveObjects(store);
  const webhooks = createWebhookCaller(objects, options.podSideAddress);
  const serviceCIDRs = options.serviceCIDRs ?? [defaultServiceCIDR];
  const authorization = assembleAuthorization(options, {
    objects,
    call: webhooks.call,
    clock,
    logger,
    nodeRules,
    metrics: accessMetrics,
  });
  const { authenticator, tokens, serviceAccountTokens, keys, issuers, audiences } = assembleAuthentication(
    options,
    objects,
    webhooks,
    (secret) => noteTokenUse(context, secret),
  );

  const hooks = assembleHooks(options, objects, serviceCIDRs, authorization);
  const served = createBuiltInResources({
    store,
    definitionOf: (group, version, kind) =>
      kind === "CustomResourceDefinition" ? customResourceDefinition : kindDefinitionOf(group, version, kind),
    hooksOf: (group, resource) => hooks[`${group}/${resource}`],
  });
  const resources = createResourceTable(served);
  const plugins = { objects, authorizer: authorization.authorizer, clock, resources: () => resources };
  const dynamicAdmission = createDynamicAdmission({
    ...plugins,
    call: webhooks.call,
    logger,
    metrics: admissionMetrics,
  });
  const context: RegistryContext = {
    store,
    objects,
    clock,
    logger,
    authorizer: authorization.authorizer,
    admission: assembleAdmission(options, allPlugins(plugins, dynamicAdmission.plugins), admissionMetrics),
    bookmarks: createBookmarkTicker(clock),
    pages: createPageAges(clock),
    lists,
    resource: (group, resource) => requireBuiltIn(resources, group, resource),
  };
  const proxy = createNodeProxy({
    client: options.kubeletClient,
    podSideAddress: options.podSideAddress,
    objects,
    explainMissing: options.explainMissingKubelet,
  });
  const specialVerbs = createSpecialVerbs({ tokens, serviceAccountTokens, audiences, proxy });
  let address = "127.0.0.1:6443";
  let isStarted = false;
  let isStopping = false;
  let sharing: SharedEndpoints | undefined;
  const aggregation = createAggregation({
    objects,
    table: resources,
    client: options.frontProxy?.client,
    podSideAddress: options.podSideAddress,
    resource: () => context.resource("apiregistration.k8s.io", "apiservices"),
    clock,
    logger,
  });
  const fairness = assembleFairness({
    objects,
    table: resources,
    clock,
    logger,
    seats: options.mostRequestsInFlight,
    chain: () => chain,
  });
  const paths = createPaths({
    metrics: [admissionMetrics, accessMetrics, storeMetrics, lists, fairness, options.encryption].filter(
      (source) => source !== undefined,
    ),
    otherMetrics: options.otherMetrics ?? [],
    health: {
      store,
      clock,
      isStarted: () => isStarted,
      isStopping: () => isStopping,
      encryptionCheck: options.encryption?.check,
      isFrontProxy: options.frontProxy?.client !== undefined,
    },
    more: fairness?.paths ?? {},
    resources,
    groups: aggregation.groups,
    remoteOpenApi: aggregation.openApi,
    address: () => address,
    keys,
    issuer: issuers[0]!,
    jwksUri: options.serviceAccounts?.jwksUri,
    store,
    storeUpkeep: options.storeUpkeep ?? {},
  });
  const chain: Handler = createChain({
    metrics: accessMetrics,
    authenticator,
    fairness,
    authorizer: authorization.authorizer,
    audit: options.audit && createAuditStages(options.audit, { clock, logger }),
    aggregation,
    resources: createRegistry(context, { resources, specialVerbs }),
    paths: paths.handler,
  });
  const customResources = createCustomResources({
    context,
    table: resources,
    send: (request) => sendInProcess(chain, request, clock),
    callWebhook: webhooks.call,
    compileRules: objectRulesOf,
  });
  return {
    chain,
    isProxied: aggregation.claims,
    formsOf({ info }) {
      const resource = resources.find(info.apiGroup, info.apiVersion, info.resource);
      if (!resource) return undefined;
      const forms = { isCustom: resource.custom !== undefined, isListed: resource.info.verbs.includes("list") };
      if (info.subresource === "log") return { ...forms, text: "text/plain" };
      return streamed.has(info.subresource) ? undefined : forms;
    },
    track: paths.track,
    async start() {
      await Promise.all([
        authorization.ready,
        dynamicAdmission.ready,
        fairness?.ready,
        bootstrap({ context, serviceCIDRs }).then(() =>
          Promise.all([publishTrust(context, options), startTokenTracking(context)]),
        ),
        customResources.start(),
        aggregation.start(),
      ]);
      if (options.advertise) sharing = await advertiseAs(options.advertise, context);
      isStarted = true;
    },
    async advertise({ host, port }) {
      const isAnywhere = host === "::" || host === "0.0.0.0";
      address = `${isAnywhere ? "127.0.0.1" : host}:${port}`;
      // Pods cannot reach this machine's loopback: the service then leads nowhere unless the options say where.
      const isReachable = !isAnywhere && !isLoopback(host);
      if (!options.advertise && isReachable) await advertise(context, [host], port);
    },
    beginStop() {
      isStopping = true;
    },
    async stop() {
      await sharing
        ?.stop()
        .catch((error: unknown) => logger.warn({ err: error }, "this server's lease stays until it lapses"));
      await Promise.all([customResources.stop(), aggregation.stop()]);
      proxy.close();
      dynamicAdmission.stop();
      fairness?.stop();
      webhooks.close();
      authorization.stop();
      for (const { storage } of served) storage?.hub.close();
    },
  };
}

/** What these answer with is between client and node, or what lies behind the proxy. */
const streamed = new Set(["attach", "exec", "portforward", "proxy"]);

/** Says where the server is; the answer, where it shares the store with others, takes it out again. */
async function advertiseAs(
  { address, port, isShared }: NonNullable<ApiServerOptions["advertise"]>,
  context: RegistryContext,
): Promise<SharedEndpoints | undefined> {
  if (isShared) {
    const { store, clock, logger } = context;
    return shareEndpoints({
      store,
      address,
      publish: (addresses) => advertise(context, addresses, port),
      clock,
      logger,
    });
  }
  await advertise(context, [address], port);
  return undefined;
}

async function sendInProcess(chain: Handler, request: ApiRequest, clock: Clock): Promise<ApiResponse> {
  const call = makeCall(request, undefined);
  return toResponse(call, await chain(call), clock.now());
}

function isLoopback(host: string): boolean {
  return host === "::1" || host.startsWith("127.");
}

function requireBuiltIn(resources: ResourceTable, group: string, resource: string) {
  const found = resources.findAny(group, resource);
  if (!found) throw new Error(`Cannot find the resource ${resource} of group "${group}": it is not served`);
  return found;
}

/** What upstream compiles into its node authorizer is the role every server starts with. */
function nodeRules(): readonly PolicyRule[] {
  const roles = initialObjects().find(({ resource }) => resource === "clusterroles")!.objects;
  const role = roles.find(({ metadata }) => metadata.name === "system:node") as { rules?: PolicyRule[] } | undefined;
  return role?.rules ?? [];
}

interface Authentication {
  readonly authenticator: Authenticator;
  readonly tokens: TokenAuthenticator;
  readonly serviceAccountTokens: ServiceAccountTokens;
  readonly keys: ServiceAccountKeys;
  readonly issuers: readonly string[];
  readonly audiences: readonly string[];
}

function assembleAuthentication(
  options: Settled,
  objects: LiveObjects,
  { call }: WebhookCaller,
  noteUse: LegacyTokenOptions["noteUse"],
): Authentication {
  const { clock, serviceAccounts = {}, authentication } = options;
  const issuers = serviceAccounts.issuers ?? [defaultIssuer];
  const audiences = serviceAccounts.audiences ?? issuers;
  const keys = readServiceAccountKeys(serviceAccounts.signingKey, serviceAccounts.verifyingKeys);
  const serviceAccountTokens = createServiceAccountTokens({ keys, issuers, audiences, objects, clock });
  const tokens = combineTokenAuthenticators([
    forAudiences(staticTokens(options.tokens ?? {}), audiences),
    rememberTokens(serviceAccountTokens, clock),
    createLegacyTokens({ keys, audiences, objects, noteUse }),
    forAudiences(bootstrapTokens(objects, clock), audiences),
    ...(options.tokenWebhook ? [tokenWebhook({ client: options.tokenWebhook, call, clock })] : []),
    ...(authentication ? [rememberTokens(jwtAuthenticators(authentication, options), clock)] : []),
  ]);
  const authenticator = createAuthenticator({ tokens, allowAnonymous: anonymousOf(options) });
  return { authenticator, tokens, serviceAccountTokens, keys, issuers, audiences };
}

/** Whether a request without credentials may go on. */
function anonymousOf({ anonymous = true, authentication }: Settled): (path: string) => boolean {
  const settings = authentication?.anonymous;
  if (!settings) return () => anonymous;
  const { enabled, paths } = settings;
  return (path) => enabled && (paths.length === 0 || paths.includes(path));
}

function assembleAdmission(options: Settled, plugins: readonly AdmissionPlugin[], metrics: AdmissionMetrics) {
  const wanted = choosePlugins(plugins, options.admission);
  return wanted.length === 0 ? admitAll : createAdmission(wanted, metrics);
}

const rbacGroup = "rbac.authorization.k8s.io";

/** Events go by themselves after an hour. */
const eventSeconds = 3600;

function assembleHooks(
  options: Settled,
  objects: LiveObjects,
  serviceCIDRs: readonly string[],
  { authorizer, index }: { readonly authorizer: Authorizer; readonly index?: RbacIndex },
): Readonly<Record<string, ResourceHooks>> {
  const addresses = new Map<Family, IpAllocator>();
  for (const text of serviceCIDRs) {
    const parsed = parseCIDR(text);
    if (!parsed) throw new Error(`Cannot use the service range "${text}": it is no CIDR`);
    const family: Family = parsed.range.family === 4 ? "IPv4" : "IPv6";
    addresses.set(
      family,
      createIpAllocator(parsed.range, objects, () => options.clock.now()),
    );
  }
  const ports = createPortAllocator(options.store, options.nodePorts ?? defaultNodePorts);
  const events: ResourceHooks = { timeToLive: () => eventSeconds };
  const roles = index && guardRoles({ authorizer, index });
  const bindings = index && guardBindings({ authorizer, index });
  return {
    ...(roles && { [`${rbacGroup}/roles`]: roles, [`${rbacGroup}/clusterroles`]: roles }),
    ...(bindings && { [`${rbacGroup}/rolebindings`]: bindings, [`${rbacGroup}/clusterrolebindings`]: bindings }),
    ...expressionHooks,
    ...deviceHooks({ objects, authorizer }),
    "/services": createServiceHooks({ addresses, ports }),
    "/namespaces": namespaceHooks,
    "certificates.k8s.io/certificatesigningrequests": certificateRequestHooks,
    "/events": events,
    "events.k8s.io/events": events,
  };
}
