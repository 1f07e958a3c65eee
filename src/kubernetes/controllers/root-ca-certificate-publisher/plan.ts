// What the ConfigMap kube-root-ca.crt of a namespace should hold. Pure.

import type { ConfigMap } from "#kubernetes/api";

export const configMapName = "kube-root-ca.crt";

const descriptionAnnotation = "kubernetes.io/description";
const description =
  "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. " +
  "No other usage is guaranteed across distributions of Kubernetes clusters.";

/** The ConfigMap to write, with a resourceVersion where it exists already; undefined where it is as it should be. */
export function planConfigMap(
  present: ConfigMap | undefined,
  namespace: string,
  rootCa: string,
): ConfigMap | undefined {
  const data = { "ca.crt": rootCa };
  const metadata = present?.metadata ?? { namespace, name: configMapName };
  const isRight =
    present?.metadata.annotations?.[descriptionAnnotation] &&
    Object.keys(present.data ?? {}).length === 1 &&
    present.data?.["ca.crt"] === rootCa;
  if (isRight) return undefined;
  const annotations = { ...metadata.annotations, [descriptionAnnotation]: description };
  return { ...present, metadata: { ...metadata, annotations }, data };
}
