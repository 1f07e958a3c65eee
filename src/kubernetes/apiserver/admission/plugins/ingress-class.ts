// DefaultIngressClass: an Ingress that names no class gets the default one.

import { type Ingress, type IngressClass, resources } from "#kubernetes/api";
import { type AdmissionPlugin, isResource } from "../admission.ts";
import type { PluginContext } from "./plugin-context.ts";

const defaultAnnotation = "ingressclass.kubernetes.io/is-default-class";

export function defaultIngressClass({ objects }: PluginContext): AdmissionPlugin {
  return {
    name: "DefaultIngressClass",
    handles: (target) => target.operation === "CREATE" && isResource(target, "networking.k8s.io", "ingresses"),
    async admit({ object }) {
      const ingress = object as Ingress;
      if (ingress.spec?.ingressClassName !== undefined) return;
      if (ingress.metadata.annotations?.["kubernetes.io/ingress.class"] !== undefined) return;
      const classes = await objects.list(resources.ingressClasses);
      const name = newest(classes.filter(({ metadata }) => metadata.annotations?.[defaultAnnotation] === "true"));
      if (name !== undefined) ingress.spec = { ...ingress.spec, ingressClassName: name };
    },
  };
}

/** Of several defaults the newest counts, of equally old ones the first by name. */
function newest(classes: readonly IngressClass[]): string | undefined {
  const time = ({ metadata }: IngressClass) => Date.parse(metadata.creationTimestamp ?? "") || 0;
  return classes.toSorted((a, b) => time(b) - time(a))[0]?.metadata.name;
}
