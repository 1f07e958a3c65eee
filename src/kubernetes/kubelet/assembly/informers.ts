// What the kubelet watches all the time: its pods and its node. Asked for twice, the set gives the same informer.

import { type Node, type Pod, resources } from "#kubernetes/api";
import type { Informer, InformerSet } from "#kubernetes/client";
import type { KubeletOptions } from "../options.ts";

const uidOf = ({ metadata: { uid = "" } }: Pod) => [uid];

interface Watching {
  readonly informers: InformerSet;
  readonly options: KubeletOptions;
}

/** Indexed by "uid". */
export function podsInformer({ informers, options }: Watching): Informer<Pod> {
  const pods = informers.informer(resources.pods, { fieldSelector: `spec.nodeName=${options.nodeName}` });
  pods.addIndex("uid", uidOf);
  return pods;
}

export function nodeInformer({ informers, options }: Watching): Informer<Node> {
  return informers.informer(resources.nodes, { fieldSelector: `metadata.name=${options.nodeName}` });
}
