// The registries' mirrors as containerd's files. Pure.

import { createHash } from "node:crypto";
import { join } from "node:path";
import { type ImageMirrors, renderMirrorHosts } from "../images/image-reference.ts";
import type { FileSpec } from "../machine-description.ts";

export interface DescribedMirrors {
  /** For containerd's config_path; none without mirrors. */
  readonly folders: readonly string[];
  readonly files: readonly FileSpec[];
}

/** One folder for each set of mirrors, below `parent`: what an earlier set had is not found in it. */
export function describeMirrors(mirrors: ImageMirrors, parent: string): DescribedMirrors {
  const registries = Object.entries(mirrors);
  if (registries.length === 0) return { folders: [], files: [] };
  const mark = createHash("sha256").update(JSON.stringify(registries)).digest("hex").slice(0, 8);
  const folder = join(parent, `mirrors-${mark}`);
  const files = registries.map(([registry, urls]) => ({
    path: join(folder, registry, "hosts.toml"),
    content: renderMirrorHosts(registry, urls),
  }));
  return { folders: [folder], files };
}
