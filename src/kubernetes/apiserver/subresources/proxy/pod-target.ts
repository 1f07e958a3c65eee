// The pod and container a request for logs or streams is about.

import { badRequest, notFound, type Pod, resources } from "#kubernetes/api";
import type { LiveObjects } from "../../live-objects.ts";

export async function findPod(objects: LiveObjects, namespace: string, name: string): Promise<Pod> {
  const pod = await objects.get(resources.pods, { namespace, name });
  if (!pod) throw notFound({ group: "", resource: "pods" }, name);
  return pod;
}

/** The container asked for, or the only one. Throws BadRequest. */
export function chooseContainer({ metadata, spec }: Pod, asked: string): string {
  const pod = metadata.name;
  const main = spec?.containers ?? [];
  const all = [...(spec?.initContainers ?? []), ...main, ...(spec?.ephemeralContainers ?? [])].map(({ name }) => name);
  if (asked !== "") {
    if (all.includes(asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${pod}`);
  }
  if (main.length === 1) return main[0]!.name;
  const choice = main.length === 0 ? "" : `, choose one of: [${all.join(" ")}]`;
  throw badRequest(`a container name must be specified for pod ${pod}${choice}`);
}
