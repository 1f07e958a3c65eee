// The image of the sandbox container: the pause program alone.

import { createImageArchive } from "./image-archive.ts";
import { type Architecture, assemblePauseProgram } from "./pause-program.ts";

/** What containerd is told to use for sandboxes. */
export const sandboxImageName = "slipway.dev/pause:1";

export function createSandboxImage(architecture: Architecture): Buffer {
  return createImageArchive({
    name: sandboxImageName,
    architecture,
    files: [{ path: "pause", content: assemblePauseProgram(architecture), mode: 0o755 }],
    entrypoint: ["/pause"],
    user: "65535:65535",
  });
}
