// ImageLocality: prefers nodes that have the pod's images, the more so the larger they are; images few nodes have count less, so
// that not all pods go there.

import type { Pod } from "#kubernetes/api";
import type { NodeInfo } from "../cluster/node-info.ts";
import { maxNodeScore, type Plugin } from "../framework.ts";

const mebibyte = 1024 * 1024;
const leastBytes = 23 * mebibyte;
const mostBytesPerContainer = 1000 * mebibyte;

export function createImageLocality(): Plugin<undefined, undefined> {
  return {
    name: "ImageLocality",
    scope: "node",
    sign: ({ pod }) => imagesOf(pod).join(","),
    score(_state, { pod }, node, snapshot) {
      if (node.images.size === 0) return 0;
      const containers = (pod.spec?.initContainers?.length ?? 0) + (pod.spec?.containers.length ?? 0);
      return priority(bytesAtHand(imagesOf(pod), node, snapshot.nodes.length), containers);
    },
  };
}

/** With a tag, as nodes name them: of all containers, and of volumes that are images. */
function imagesOf({ spec }: Pod): string[] {
  const images: string[] = [];
  for (const { image = "" } of spec?.initContainers ?? []) images.push(withTag(image));
  for (const { image = "" } of spec?.containers ?? []) images.push(withTag(image));
  for (const { image } of spec?.volumes ?? []) if (image) images.push(withTag(image.reference ?? ""));
  return images;
}

function withTag(image: string): string {
  return image.lastIndexOf(":") <= image.lastIndexOf("/") ? `${image}:latest` : image;
}

function bytesAtHand(images: readonly string[], node: NodeInfo, nodeCount: number): number {
  let bytes = 0;
  for (const image of images) {
    const state = node.images.get(image);
    if (state) bytes += Math.trunc(state.size * (state.nodes.size / nodeCount));
  }
  return bytes;
}

function priority(bytes: number, containers: number): number {
  const most = mostBytesPerContainer * containers;
  const counted = Math.min(Math.max(bytes, leastBytes), most);
  return Math.floor((maxNodeScore * (counted - leastBytes)) / (most - leastBytes));
}
