// DefaultTolerationSeconds: a pod stays on a node that is not ready or unreachable for five minutes.

import type { Pod, Toleration } from "#kubernetes/api";
import { type AdmissionPlugin, isResource } from "../admission.ts";

const taints = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];
const seconds = 300;

export const defaultTolerationSeconds: AdmissionPlugin = {
  name: "DefaultTolerationSeconds",
  handles: (target) =>
    (target.operation === "CREATE" || target.operation === "UPDATE") && isResource(target, "", "pods"),
  admit({ object }) {
    const { spec } = object as Pod;
    if (!spec) return;
    const given = spec.tolerations ?? [];
    const missing = taints.filter((key) => !given.some((toleration) => tolerates(toleration, key)));
    if (missing.length === 0) return;
    const added = missing.map((key) => ({
      key,
      operator: "Exists",
      effect: "NoExecute",
      tolerationSeconds: seconds,
    }));
    spec.tolerations = [...given, ...added];
  },
};

function tolerates({ key, effect }: Toleration, taint: string): boolean {
  return (!key || key === taint) && (!effect || effect === "NoExecute");
}
