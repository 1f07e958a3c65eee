// Annotations that once held taints and pods to avoid, as JSON, and are still checked.

import { child, type FieldError, invalid, item, required } from "../../../field-error.ts";
import type { Taint } from "../../../generated/types.ts";
import { readGoJson } from "../go-json.ts";
import { validateTaints } from "../scheduling/taints.ts";

const taintsKey = "scheduler.alpha.kubernetes.io/taints";
const avoidPodsKey = "scheduler.alpha.kubernetes.io/preferAvoidPods";

interface AvoidPods {
  readonly preferAvoidPods?: readonly {
    readonly podSignature?: { readonly podController?: { readonly controller?: boolean } };
  }[];
}

export function validateNodeAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  path: string,
  errors: FieldError[],
): void {
  const taints = annotations?.[taintsKey];
  if (taints) validateTaintsText(taints, path, errors);
  const avoid = annotations?.[avoidPodsKey];
  if (avoid) validateAvoidPodsText(avoid, path, errors);
}

function validateTaintsText(text: string, path: string, errors: FieldError[]): void {
  const { value, problem } = readGoJson<Taint[]>(text, "array", "[]core.Taint");
  if (problem !== undefined) errors.push(invalid(path, taintsKey, problem));
  // Read into upstream's internal type, the fields of which are told apart without regard to case.
  else validateTaints((value ?? []).map(settleTaint), child(path, taintsKey), errors);
}

function settleTaint(taint: Partial<Taint>): Taint {
  return { ...taint, key: taint.key ?? "", effect: taint.effect ?? "" };
}

function validateAvoidPodsText(text: string, path: string, errors: FieldError[]): void {
  const { value, problem } = readGoJson<AvoidPods>(text, "object", "v1.AvoidPods");
  if (problem !== undefined) {
    errors.push(invalid(child(path, "AvoidPods"), avoidPodsKey, problem));
    return;
  }
  for (const [index, { podSignature }] of (value?.preferAvoidPods ?? []).entries()) {
    const signature = child(item(child(path, avoidPodsKey), index), "PodSignature");
    const controller = podSignature?.podController;
    if (!controller) errors.push(required(signature));
    else if (!controller.controller) {
      errors.push(invalid(`${signature}.PodController.Controller`, false, "must point to a controller"));
    }
  }
}
