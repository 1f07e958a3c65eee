// Storage: claims get the default class, volumes and claims in use are protected, and only what may grow is resized.

import {
  compareQuantities,
  type KubeObject,
  type PersistentVolumeClaim,
  parseQuantity,
  resources,
  type StorageClass,
} from "#kubernetes/api";
import { type AdmissionPlugin, isResource } from "../admission.ts";
import { Refusal } from "../refusal.ts";
import type { PluginContext } from "./plugin-context.ts";

const classAnnotation = "volume.beta.kubernetes.io/storage-class";
const defaultAnnotations = [
  "storageclass.kubernetes.io/is-default-class",
  "storageclass.beta.kubernetes.io/is-default-class",
];

export function defaultStorageClass({ objects }: PluginContext): AdmissionPlugin {
  return {
    name: "DefaultStorageClass",
    handles: (target) => target.operation === "CREATE" && isResource(target, "", "persistentvolumeclaims"),
    async admit({ object }) {
      const claim = object as PersistentVolumeClaim;
      if (!claim.spec || claim.spec.storageClassName !== undefined) return;
      if (claim.metadata.annotations?.[classAnnotation] !== undefined) return;
      const name = newestDefault(await objects.list(resources.storageClasses))?.metadata.name;
      if (name !== undefined) claim.spec.storageClassName = name;
    },
  };
}

/** Of several defaults the newest counts, of equally old ones the first by name. */
function newestDefault(classes: readonly StorageClass[]): StorageClass | undefined {
  const isDefault = ({ metadata }: StorageClass) =>
    defaultAnnotations.some((key) => metadata.annotations?.[key] === "true");
  const time = ({ metadata }: StorageClass) => Date.parse(metadata.creationTimestamp ?? "") || 0;
  return classes.filter(isDefault).sort((a, b) => time(b) - time(a))[0];
}

const protections: Readonly<Record<string, string>> = {
  "/persistentvolumes": "kubernetes.io/pv-protection",
  "/persistentvolumeclaims": "kubernetes.io/pvc-protection",
  "storage.k8s.io/volumeattributesclasses": "kubernetes.io/vac-protection",
};

export const storageObjectInUseProtection: AdmissionPlugin = {
  name: "StorageObjectInUseProtection",
  handles: ({ operation, group, resource, subresource }) =>
    operation === "CREATE" && subresource === "" && `${group}/${resource}` in protections,
  admit({ object, group, resource }) {
    const finalizer = protections[`${group}/${resource}`]!;
    const { metadata } = object as KubeObject;
    if (!metadata.finalizers?.includes(finalizer)) metadata.finalizers = [...(metadata.finalizers ?? []), finalizer];
  },
};

export function persistentVolumeClaimResize({ objects }: PluginContext): AdmissionPlugin {
  return {
    name: "PersistentVolumeClaimResize",
    handles: (target) => target.operation === "UPDATE" && isResource(target, "", "persistentvolumeclaims"),
    async validate({ object, oldObject }) {
      const claim = object as PersistentVolumeClaim;
      const old = oldObject as PersistentVolumeClaim;
      if (compareQuantities(sizeOf(claim), sizeOf(old)) <= 0) return;
      if (old.status?.phase !== "Bound") throw new Refusal("Only bound persistent volume claims can be expanded");
      const name = classOf(claim);
      const storageClass =
        name !== "" && name === classOf(old) ? await objects.get(resources.storageClasses, { name }) : undefined;
      if (storageClass?.allowVolumeExpansion) return;
      throw new Refusal(
        "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize",
      );
    },
  };
}

function sizeOf(claim: PersistentVolumeClaim): ReturnType<typeof parseQuantity> {
  return parseQuantity(claim.spec?.resources?.requests?.["storage"] ?? "0");
}

function classOf({ metadata, spec }: PersistentVolumeClaim): string {
  return metadata.annotations?.[classAnnotation] ?? spec?.storageClassName ?? "";
}
