import assert from "node:assert/strict";
import { test } from "node:test";
import { score } from "../testing/ask-plugin.ts";
import { makeNode, makePod } from "../testing/objects.ts";
import { createImageLocality } from "./image-locality.ts";

const mebibyte = 1024 * 1024;
const withImages = (...images: string[]) =>
  makePod("p", { spec: { containers: images.map((image, at) => ({ name: `c${at}`, image })) } });
const having = (name: string, image: string, mebibytes: number) =>
  makeNode(name, { images: [{ names: [image], sizeBytes: mebibytes * mebibyte }] });

test("ImageLocality: a node that has the image is better, the more so the larger it is and the more nodes have it", () => {
  const nodes = [having("large", "app:1", 2000), having("small", "tool:1", 40), makeNode("none")];
  assert.deepEqual(score(createImageLocality(), withImages("app:1"), { nodes }), { large: 65, small: 0, none: 0 });
  assert.deepEqual(score(createImageLocality(), withImages("tool:1"), { nodes }), { large: 0, small: 0, none: 0 });
  const everywhere = [having("a", "app:1", 500), having("b", "app:1", 500)];
  assert.deepEqual(score(createImageLocality(), withImages("app:1"), { nodes: everywhere }), { a: 48, b: 48 });
});

test("ImageLocality: an image without a tag is the latest", () => {
  const nodes = [having("n", "registry:5000/app:latest", 5000)];
  assert.deepEqual(score(createImageLocality(), withImages("registry:5000/app"), { nodes }), { n: 100 });
});
