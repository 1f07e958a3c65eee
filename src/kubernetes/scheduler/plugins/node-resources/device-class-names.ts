// Which device class stands for an extended resource: the one that names it, or the one the resource is named after.

import { type DeviceClass, resources } from "#kubernetes/api";
import type { InformerSet } from "#kubernetes/client";

/** The resource every device class stands for, besides one it may name. */
export const implicitPrefix = "deviceclass.resource.kubernetes.io/";

export interface DeviceClassNames {
  classOf(resource: string): DeviceClass | undefined;
}

/** Of several classes that name the same resource the youngest counts; of those of the same age the first by name. */
export function createDeviceClassNames(informers: InformerSet): DeviceClassNames {
  const informer = informers.informer(resources.deviceClasses);
  informer.addIndex("extendedResourceName", namedResource);
  return {
    classOf(resource) {
      if (resource.startsWith(implicitPrefix)) return informer.get({ name: resource.slice(implicitPrefix.length) });
      return informer.size === 0 ? undefined : informer.byIndex("extendedResourceName", resource).toSorted(byAge)[0];
    },
  };
}

function namedResource({ spec }: DeviceClass): string[] {
  return spec.extendedResourceName ? [spec.extendedResourceName] : [];
}

function byAge(a: DeviceClass, b: DeviceClass): number {
  const [born, other] = [a.metadata.creationTimestamp ?? "", b.metadata.creationTimestamp ?? ""];
  if (born !== other) return born > other ? -1 : 1;
  return (a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1;
}
