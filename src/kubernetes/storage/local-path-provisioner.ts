// Makes volumes for claims: folders on the node that the scheduler has chosen for the claim's pod; removes them when they are
// reclaimed. Binding is the volume controller's. Each node's agent runs one for itself.

import {
  isAlreadyExists,
  isNotFound,
  type PersistentVolume,
  type PersistentVolumeClaim,
  parseKey,
  resources,
} from "#kubernetes/api";
import type { Client, InformerSet } from "#kubernetes/client";
import {
  type Controller,
  createController,
  createEventRecorder,
  done,
  type EventRecorder,
  referenceTo,
  watchOwn,
} from "#kubernetes/runtime";
import { type Clock, describeError, type Logger } from "#shared";
import {
  classNameOf,
  folderFinalizer,
  hostnameOfVolume,
  nodeToProvisionOn,
  planRemoval,
  planVolume,
  volumeNameFor,
  whyNot,
} from "./plan-volume.ts";
import type { VolumeFolders } from "./volume-folders.ts";

/** Its name in storage classes, as the add-on "storage" writes it there. */
const localPathProvisioner = "slipway.dev/local-path";

export interface LocalPathOptions {
  /** May read claims and storage classes, make and delete volumes, write events. */
  readonly client: Client;
  /** Started and stopped by whoever made it. */
  readonly informers: InformerSet;
  /** The hostname of a node whose volumes are made here; undefined: they are made elsewhere. */
  hostnameOf(nodeName: string): string | undefined;
  /** Whether volumes tied to this hostname are removed here. */
  isOurHostname(hostname: string): boolean;
  readonly folders: VolumeFolders;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface LocalPathProvisioner {
  start(): void;
  /** Resolves when nothing is being made or removed. */
  stop(): Promise<void>;
}

export function createLocalPathProvisioner(options: LocalPathOptions): LocalPathProvisioner {
  const { informers, clock, logger, client } = options;
  const events = createEventRecorder({ client, component: localPathProvisioner, clock, logger });
  const maker = new VolumeMaker(options, events);
  const remover = new VolumeRemover(options);
  const controllers: Controller[] = [
    createController({
      name: "local-path-claims",
      watches: [watchOwn(informers.informer(resources.persistentVolumeClaims))],
      reconcile: (key, { signal }) => maker.reconcile(key, signal),
      clock,
      logger,
    }),
    createController({
      name: "local-path-volumes",
      watches: [watchOwn(informers.informer(resources.persistentVolumes))],
      reconcile: (key, { signal }) => remover.reconcile(key, signal),
      clock,
      logger,
    }),
  ];
  return {
    start() {
      for (const controller of controllers) controller.start();
    },
    async stop() {
      await Promise.all(controllers.map((controller) => controller.stop()));
      await events.stop();
    },
  };
}

class VolumeMaker {
  readonly #options: LocalPathOptions;
  readonly #events: EventRecorder;

  constructor(options: LocalPathOptions, events: EventRecorder) {
    this.#options = options;
    this.#events = events;
  }

  async reconcile(key: string, signal: AbortSignal) {
    const { informers } = this.#options;
    const claim = informers.informer(resources.persistentVolumeClaims).get(parseKey(key));
    const nodeName = claim && nodeToProvisionOn(claim, localPathProvisioner);
    const hostname = nodeName && this.#options.hostnameOf(nodeName);
    if (!claim || !nodeName || hostname === undefined) return done;
    // Ours already: the claim will be bound to it.
    if (informers.informer(resources.persistentVolumes).get({ name: volumeNameFor(claim) })) return done;
    const problem = whyNot(claim);
    if (problem !== undefined) this.#tellOfFailure(claim, problem);
    else await this.#make(claim, hostname, signal);
    return done;
  }

  async #make(claim: PersistentVolumeClaim, hostname: string, signal: AbortSignal): Promise<void> {
    const { client, folders, logger } = this.#options;
    const { namespace, name } = claim.metadata;
    const regarding = referenceTo(resources.persistentVolumeClaims, claim);
    const volumeName = volumeNameFor(claim);
    const path = folders.pathOf(`${volumeName}_${namespace}_${name}`);
    try {
      const storageClass = await client.get(resources.storageClasses, { name: classNameOf(claim) }, { signal });
      this.#events.normal(
        regarding,
        "Provisioning",
        `External provisioner is provisioning volume for claim "${namespace}/${name}"`,
      );
      await folders.make(path);
      const volume = planVolume(claim, storageClass, { provisioner: localPathProvisioner, hostname, path });
      await client.create(resources.persistentVolumes, volume, { signal });
    } catch (error) {
      if (isAlreadyExists(error)) return;
      this.#tellOfFailure(claim, describeError(error));
      throw error;
    }
    this.#events.normal(regarding, "ProvisioningSucceeded", `Successfully provisioned volume ${volumeName}`);
    logger.info({ volume: volumeName, claim: `${namespace}/${name}`, path }, "volume is made");
  }

  #tellOfFailure(claim: PersistentVolumeClaim, problem: string): void {
    const regarding = referenceTo(resources.persistentVolumeClaims, claim);
    const message = `failed to provision volume with StorageClass "${classNameOf(claim)}": ${problem}`;
    this.#events.warning(regarding, "ProvisioningFailed", message);
  }
}

class VolumeRemover {
  readonly #options: LocalPathOptions;

  constructor(options: LocalPathOptions) {
    this.#options = options;
  }

  async reconcile(key: string, signal: AbortSignal) {
    const { informers, isOurHostname, folders, logger } = this.#options;
    const volume = informers.informer(resources.persistentVolumes).get(parseKey(key));
    const hostname = volume && hostnameOfVolume(volume, localPathProvisioner);
    if (!volume || hostname === undefined || !isOurHostname(hostname)) return done;
    const plan = planRemoval(volume);
    if (plan === "nothing") return done;
    if (plan === "remove") {
      const { path } = volume.spec!.local!;
      await folders.remove(path);
      logger.info({ volume: volume.metadata.name, path }, "volume is removed");
      await this.#delete(volume, signal);
    }
    await this.#release(volume, signal);
    return done;
  }

  async #delete({ metadata }: PersistentVolume, signal: AbortSignal): Promise<void> {
    if (metadata.deletionTimestamp !== undefined) return;
    const { name = "", uid } = metadata;
    const preconditions = uid === undefined ? {} : { preconditions: { uid } };
    await ignoreNotFound(
      this.#options.client.delete(resources.persistentVolumes, { name }, { ...preconditions, signal }),
    );
  }

  async #release({ metadata }: PersistentVolume, signal: AbortSignal): Promise<void> {
    const { client } = this.#options;
    const { name = "" } = metadata;
    const volume = await ignoreNotFound(client.get(resources.persistentVolumes, { name }, { signal }));
    if (!volume || volume.metadata.uid !== metadata.uid) return;
    const { finalizers = [] } = volume.metadata;
    if (!finalizers.includes(folderFinalizer)) return;
    const kept = finalizers.filter((each) => each !== folderFinalizer);
    const next = { ...volume, metadata: { ...volume.metadata, finalizers: kept } };
    await ignoreNotFound(client.update(resources.persistentVolumes, next, { signal }));
  }
}

async function ignoreNotFound<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
