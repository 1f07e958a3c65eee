// Volumes that name a storage system Kubernetes once had built in: CSI drivers have taken over, and this says which, and under what
// handle and topology a driver knows such a volume.

import type {
  Labels,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PersistentVolume,
  PersistentVolumeSpec,
  Volume,
} from "#kubernetes/api";

/** A storage system by its field in volumes. */
interface Migration {
  readonly field: keyof PersistentVolumeSpec & keyof Volume;
  /** The name of what was built in, which old storage classes name as their provisioner. */
  readonly plugin: string;
  readonly driver: string;
  /** The label by which the driver names zones. */
  readonly zoneKey?: string;
  /** Handles, where the scheduler has a use for them. Throws where there is none. */
  readonly handleOf?: (source: MigratedSource, labels?: Labels) => string;
}

type MigratedSource = PersistentVolumeSpec | Volume;

const migrations: readonly Migration[] = [
  {
    field: "awsElasticBlockStore",
    plugin: "kubernetes.io/aws-ebs",
    driver: "ebs.csi.aws.com",
    zoneKey: "topology.ebs.csi.aws.com/zone",
    handleOf: ({ awsElasticBlockStore }) => awsHandle(awsElasticBlockStore?.volumeID ?? ""),
  },
  {
    field: "gcePersistentDisk",
    plugin: "kubernetes.io/gce-pd",
    driver: "pd.csi.storage.gke.io",
    zoneKey: "topology.gke.io/zone",
    handleOf: ({ gcePersistentDisk }, labels) => gceHandle(gcePersistentDisk?.pdName ?? "", labels),
  },
  {
    field: "azureDisk",
    plugin: "kubernetes.io/azure-disk",
    driver: "disk.csi.azure.com",
    handleOf: ({ azureDisk }) => azureHandle(azureDisk?.diskURI ?? "", azureDisk?.kind),
  },
  {
    field: "cinder",
    plugin: "kubernetes.io/cinder",
    driver: "cinder.csi.openstack.org",
    zoneKey: "topology.cinder.csi.openstack.org/zone",
    handleOf: ({ cinder }) => cinder?.volumeID ?? "",
  },
  {
    field: "portworxVolume",
    plugin: "kubernetes.io/portworx-volume",
    driver: "pxd.portworx.com",
    handleOf: ({ portworxVolume }) => portworxVolume?.volumeID ?? "",
  },
  { field: "azureFile", plugin: "kubernetes.io/azure-file", driver: "file.csi.azure.com" },
  { field: "vsphereVolume", plugin: "kubernetes.io/vsphere-volume", driver: "csi.vsphere.vmware.com" },
];

/** A volume as its CSI driver knows it. */
export interface MigratedVolume {
  readonly plugin: string;
  readonly driver: string;
  readonly handle: string;
}

/** Whether a CSI driver has taken over volumes like this, be it looked at by the scheduler or not. */
export function isMigratable(source: MigratedSource | undefined): boolean {
  return source !== undefined && migrationOf(source) !== undefined;
}

/** undefined where no driver has taken over, or one whose volumes are not counted. Throws where the volume has no handle. */
export function migratedVolumeOf(source: MigratedSource, labels?: Labels): MigratedVolume | undefined {
  const migration = migrationOf(source);
  if (!migration?.handleOf) return undefined;
  const { plugin, driver, handleOf } = migration;
  return { plugin, driver, handle: handleOf(source, labels) };
}

/** The driver for a provisioner's name: another one for what was built in, undefined where its volumes are not counted. */
export function driverOfProvisioner(provisioner: string): string | undefined {
  const migration = migrations.find(({ plugin }) => plugin === provisioner);
  if (!migration) return provisioner;
  return migration.handleOf ? migration.driver : undefined;
}

export function isBuiltInProvisioner(provisioner: string): boolean {
  return migrations.some(({ plugin }) => plugin === provisioner);
}

const translated = new WeakMap<PersistentVolume, PersistentVolume>();

/** The volume with the node affinity its driver would give it. `isMigrated`: whether the driver is at work where it is looked at. */
export function withDriverTopology(
  volume: PersistentVolume,
  isMigrated: (plugin: string) => boolean,
): PersistentVolume {
  const migration = volume.spec && migrationOf(volume.spec);
  if (!migration?.handleOf || !isMigrated(migration.plugin)) return volume;
  let result = translated.get(volume);
  if (!result) {
    migration.handleOf(volume.spec!, volume.metadata.labels);
    result = migration.zoneKey ? translateTopology(volume, migration.zoneKey) : volume;
    translated.set(volume, result);
  }
  return result;
}

function migrationOf(source: MigratedSource): Migration | undefined {
  return migrations.find(({ field }) => source[field] !== undefined);
}

function awsHandle(id: string): string {
  if (!id.startsWith("aws://")) return id;
  const path = id.slice(id.indexOf("/", "aws://".length)).replace(/^\/+|\/+$/g, "");
  if (!/^vol-[^/]*$/.test(path)) {
    throw new Error(`failed to translate Kubernetes ID to EBS Volume ID Invalid format for AWS volume (${id})`);
  }
  return path;
}

const unspecified = "UNSPECIFIED";
const zoneDelimiter = "__";

function gceHandle(name: string, labels: Labels | undefined): string {
  const zones = (labels?.[betaZone] || labels?.[zone] || "").split(zoneDelimiter);
  if (zones.length > 1) return `projects/${unspecified}/regions/${regionOf(zones)}/disks/${name}`;
  return `projects/${unspecified}/zones/${zones[0] || unspecified}/disks/${name}`;
}

function regionOf(zones: readonly string[]): string {
  const regions = new Set(zones.map((one) => one.slice(0, one.lastIndexOf("-"))));
  if (regions.size === 1) return [...regions][0]!;
  throw new Error(`failed to get region from zones: multiple or no regions gotten from zones, got: ${[...regions]}`);
}

function azureHandle(uri: string, kind: string | undefined): string {
  if (kind === undefined || kind.toLowerCase() === "managed") return uri;
  throw new Error(`kind(${kind}) is not supported in csi migration`);
}

const zone = "topology.kubernetes.io/zone";
const region = "topology.kubernetes.io/region";
const betaZone = "failure-domain.beta.kubernetes.io/zone";
const betaRegion = "failure-domain.beta.kubernetes.io/region";

/** Zones by the driver's label in place of Kubernetes' own; where only a label of the volume names them, they are added. */
function translateTopology(volume: PersistentVolume, zoneKey: string): PersistentVolume {
  const { metadata, spec } = volume;
  const terms = spec?.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  const { labels } = metadata;
  const names = (key: string) => terms.some(({ matchExpressions }) => matchExpressions?.some((one) => one.key === key));
  const isBeta =
    !names(zone) && (names(betaZone) || (labels?.[zone] === undefined && labels?.[betaZone] !== undefined));
  const ownZone = isBeta ? betaZone : zone;
  const renamed = terms.map((term) =>
    renameKeys(term, { [ownZone]: zoneKey, ...(isBeta && { [betaRegion]: region }) }),
  );
  const zones = names(ownZone) ? [] : zonesOfLabel(labels?.[ownZone]);
  const nodeSelectorTerms = zones.length > 0 ? addZones(renamed, zoneKey, zones) : renamed;
  if (nodeSelectorTerms.length === 0) return volume;
  return { ...volume, spec: { ...spec, nodeAffinity: { required: { nodeSelectorTerms } } } };
}

function renameKeys(term: NodeSelectorTerm, names: Readonly<Record<string, string>>): NodeSelectorTerm {
  if (!term.matchExpressions) return term;
  return {
    ...term,
    matchExpressions: term.matchExpressions.map((one) => ({ ...one, key: names[one.key] ?? one.key })),
  };
}

function zonesOfLabel(value: string | undefined): string[] {
  const zones = (value ?? "").split(zoneDelimiter).map((one) => one.trim());
  return [...new Set(zones.filter((one) => one !== ""))].sort();
}

function addZones(terms: readonly NodeSelectorTerm[], key: string, values: string[]): NodeSelectorTerm[] {
  const requirement: NodeSelectorRequirement = { key, operator: "In", values };
  const grown = terms.length > 0 ? terms : [{}];
  return grown.map((term) => ({ ...term, matchExpressions: [...(term.matchExpressions ?? []), requirement] }));
}
