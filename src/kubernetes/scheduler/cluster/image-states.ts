// Which nodes have which container images, and how large these are.

import type { Node } from "#kubernetes/api";

export interface ImageState {
  readonly size: number;
  /** Names of the nodes that have it. */
  readonly nodes: ReadonlySet<string>;
}

interface MutableImageState extends ImageState {
  readonly nodes: Set<string>;
}

export class ImageStates {
  readonly #states = new Map<string, MutableImageState>();
  /** Grows when a node gets or loses an image. */
  version = 0;

  /** Notes the images of a node, in place of what was noted of its earlier state; answers them by name. */
  replace(old: Node | undefined, node: Node | undefined): Map<string, ImageState> {
    if (old?.status?.images !== node?.status?.images) {
      if (old) this.#remove(old);
      if (node) this.#add(node);
    }
    return this.#statesOf(node);
  }

  #add(node: Node): void {
    const nodeName = node.metadata.name ?? "";
    for (const { names, sizeBytes = 0 } of node.status?.images ?? []) {
      for (const name of names ?? []) {
        const state = this.#states.get(name);
        if (state) state.nodes.add(nodeName);
        else this.#states.set(name, { size: sizeBytes, nodes: new Set([nodeName]) });
        this.version++;
      }
    }
  }

  #remove(node: Node): void {
    for (const { names } of node.status?.images ?? []) {
      for (const name of names ?? []) {
        const state = this.#states.get(name);
        if (!state?.nodes.delete(node.metadata.name ?? "")) continue;
        if (state.nodes.size === 0) this.#states.delete(name);
        this.version++;
      }
    }
  }

  #statesOf(node: Node | undefined): Map<string, ImageState> {
    const states = new Map<string, ImageState>();
    for (const { names } of node?.status?.images ?? []) {
      for (const name of names ?? []) {
        const state = this.#states.get(name);
        if (state) states.set(name, state);
      }
    }
    return states;
  }
}
