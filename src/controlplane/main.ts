// The control plane's process: control-plane <file of options>. Says that it is ready when the API server takes requests.

import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { type ControlPlaneOptions, notifySupervisor, promoteMember, splitPem } from "#bootstrap";
import type { ApiServer, TlsMaterial } from "#kubernetes/apiserver";
import type { StageObject } from "#kubernetes/kubelet/simulated";
import { callAt, createLogger, describeError, exec, type Logger, readFileIfExists, systemClock } from "#shared";
import { createComponentMetrics } from "./component-metrics.ts";
import { type SimulationSettings, startControlPlane } from "./control-plane.ts";
import { openAudit, openData, readAccess } from "./open-data.ts";
import { ensureOwnCertificates, lookAfterCertificates } from "./renew-certificates.ts";
import { startScheduledSnapshots } from "./scheduled-snapshots.ts";

export async function runControlPlane(optionsFile: string): Promise<void> {
  const options = JSON.parse(await readFile(optionsFile, "utf8")) as ControlPlaneOptions;
  process.title = `slipway: control-plane ${options.cluster}`;
  const logger = createLogger({ name: "control-plane" });
  const start = performance.now();
  const certificates = await ensureOwnCertificates(options);
  if (options.etcdMember) await promoteMember(options.etcdMember, { exec, clock: systemClock });
  const [data, pki] = await Promise.all([openData(options, logger), readPki(options.pkiFolder)]);
  const { store, encryption } = data;
  const [audit, authentication] = await Promise.all([openAudit(options), readAccess(options)]);
  const controlPlane = startControlPlane({
    logger,
    metrics: createComponentMetrics(),
    apiServer: {
      store,
      storeUpkeep: data,
      ...(encryption && { encryption }),
      ...(audit && { audit: audit.options }),
      ...authentication,
      serviceCIDRs: [options.serviceCIDR],
      advertise: { address: options.advertiseAddress, port: options.port, isShared: options.etcd !== undefined },
      ...(!options.simulation && { podSideAddress: options.advertiseAddress }),
      serviceAccounts: {
        signingKey: pki.serviceAccountKey,
        verifyingKeys: pki.verifyingKeys,
        issuers: [`https://kubernetes.default.svc.${options.dnsDomain}`],
      },
      frontProxy: {
        authority: pki.frontProxyAuthority,
        names: ["front-proxy-client"],
        client: pki.frontProxyClient,
      },
      clientAuthority: pki.authority,
      // Nodes' names need not resolve where the control plane runs.
      kubeletClient: { ...pki.kubeletClient, authority: pki.authority, addressTypes: ["InternalIP", "Hostname"] },
    },
    controllers: options.controllers,
    scheduler: options.scheduler,
    // Other API servers may be on the same etcd.
    ...(options.etcd && { leaderElection: { identity: `${hostname()}_${randomUUID()}` } }),
    ...(options.simulation && { simulation: simulationOf(options.simulation) }),
    controllerSettings: {
      rootCa: pki.authority,
      serviceAccountKey: pki.serviceAccountKey,
      ...(pki.authorityKey !== undefined && {
        clusterSigning: { certificate: pki.authority, key: pki.authorityKey },
      }),
      nodeIpam: {
        podCIDRs: [options.podCIDR],
        serviceCIDRs: [options.serviceCIDR],
        ipv4PrefixLength: options.nodeMaskSize,
      },
    },
  });
  const tls: TlsMaterial = { ...pki.apiServer, clientAuthorities: [pki.authority, pki.frontProxyAuthority] };
  await listenEverywhere(controlPlane.apiServer, options, tls);
  await controlPlane.apiServer.ready;
  logger.info({ port: options.port, ms: Math.round(performance.now() - start) }, "API server is ready");
  await notifySupervisor();
  const { snapshot } = data;
  const snapshots =
    options.snapshots && snapshot
      ? startScheduledSnapshots(options.snapshots, { snapshot, clock: systemClock, logger })
      : undefined;

  const stop = async (signal: string) => {
    logger.info({ signal }, "stopping");
    await snapshots?.stop();
    await controlPlane.stop();
    await store.close();
    await encryption?.close();
    audit?.log.close();
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => stop(signal).catch((error: unknown) => fail(logger, error)));
  }
  const lookAgain = () => {
    callAt(systemClock, systemClock.now() + oneDayMs, lookAgain);
    void lookAfterCertificates(options, {
      known: certificates,
      // Whoever keeps this process running starts it anew.
      onRenewed: () => void stop("certificates were renewed").catch((error: unknown) => fail(logger, error)),
      onProblem: (error) => logger.error({ error: describeError(error) }, "cannot look after the certificates"),
    });
  };
  if (options.certificates) callAt(systemClock, systemClock.now() + oneDayMs, lookAgain);
}

const oneDayMs = 24 * 60 * 60_000;

function simulationOf({ stages }: NonNullable<ControlPlaneOptions["simulation"]>): SimulationSettings {
  return { stages: stages as StageObject[] };
}

async function listenEverywhere(apiServer: ApiServer, options: ControlPlaneOptions, tls: TlsMaterial): Promise<void> {
  await Promise.all(options.listenAddresses.map((host) => apiServer.listen({ host, port: options.port, tls })));
}

/** A fault that leaves no way on: the supervisor starts the process anew. */
function fail(logger: Logger, error: unknown): never {
  logger.error({ error: describeError(error) }, "ends because of a fault");
  process.exit(1);
}

async function readPki(folder: string) {
  const read = (file: string) => readFile(join(folder, file), "utf8");
  const pair = async (name: string) => ({ certificate: await read(`${name}.crt`), key: await read(`${name}.key`) });
  const [authority, authorityKey, frontProxyAuthority, serviceAccountKey, publicKeys] = await Promise.all([
    read("ca.crt"),
    // An authority kept elsewhere signs nothing here.
    readFileIfExists(join(folder, "ca.key")),
    read("front-proxy-ca.crt"),
    read("sa.key"),
    readFileIfExists(join(folder, "sa.pub")),
  ]);
  const [apiServer, kubeletClient, frontProxyClient] = await Promise.all([
    pair("apiserver"),
    pair("apiserver-kubelet-client"),
    pair("front-proxy-client"),
  ]);
  return {
    authority,
    authorityKey,
    frontProxyAuthority,
    serviceAccountKey,
    // More than one while one takes another's place.
    verifyingKeys: splitPem(publicKeys ?? ""),
    apiServer,
    kubeletClient,
    frontProxyClient,
  };
}
