// A machine for end-to-end tests: a network namespace with a bridge for pods and a containerd of its own. Leaves nothing behind.

import { spawn } from "node:child_process";
import { createWriteStream, existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exec } from "../../../src/shared/index.ts";
import { findBusybox, writeBusyboxImage } from "./oci-image.ts";

export interface ContainerdMachine {
  readonly name: string;
  /** The path of its network namespace, for nsenter --net=… */
  readonly netns: string;
  /** containerd's socket. */
  readonly socket: string;
  /** A folder of its own; gone after stop. */
  readonly folder: string;
  /** The test image's name: busybox, no registry needed. */
  readonly image: string;
  /** Stops containerd and everything it started; removes namespace and folder. */
  stop(): Promise<void>;
}

/** Why no containers can run here, in a sentence; undefined when they can. */
export function whyNoContainers(): string | undefined {
  if (process.platform !== "linux") return "containers need Linux";
  if (process.getuid?.() !== 0) return "containers need root";
  for (const program of ["/usr/bin/containerd", "/usr/sbin/runc", "/usr/lib/cni/bridge"]) {
    if (!existsSync(program))
      return `${program} is missing: apt-get install containerd runc containernetworking-plugins`;
  }
  return findBusybox() ? undefined : "busybox is missing: apt-get install busybox-static";
}

export const testImage = "registry.test/busybox:1";
const pauseImage = "registry.test/pause:1";

/** Starts one; `name` is used for the namespace and must be unused. Pods get addresses in `podSubnet`. */
export async function startContainerdMachine(name: string, podSubnet = "10.87.1.0/24"): Promise<ContainerdMachine> {
  const folder = await mkdtemp(join(tmpdir(), `${name}-`));
  const netns = `/run/netns/${name}`;
  const socket = join(folder, "containerd.sock");
  await exec(["ip", "netns", "add", name]);
  await exec(["ip", "-n", name, "link", "set", "lo", "up"]);
  await writeCniConfig(folder, podSubnet);
  await writeFile(join(folder, "containerd.toml"), containerdConfig(folder));
  const log = createWriteStream(join(folder, "containerd.log"));
  const child = spawn("nsenter", [`--net=${netns}`, "containerd", "-c", join(folder, "containerd.toml")], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const ctr = ["ctr", "--address", socket, "-n", "k8s.io"];
  await waitForContainerd(ctr);
  for (const image of [testImage, pauseImage]) {
    const archive = join(folder, "image.tar");
    writeBusyboxImage(
      archive,
      image === pauseImage ? { name: image, command: ["/bin/sleep", "99999999"] } : { name: image },
    );
    await exec([...ctr, "images", "import", archive]);
  }
  return {
    name,
    netns,
    socket,
    folder,
    image: testImage,
    async stop() {
      await stopContainers(ctr);
      child.kill("SIGTERM");
      await exited;
      log.end();
      await unmountBelow(folder);
      await exec(["ip", "netns", "delete", name]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function waitForContainerd(ctr: readonly string[]): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await exec([...ctr, "plugins", "ls"]);
      return;
    } catch (error) {
      if (attempt === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function stopContainers(ctr: readonly string[]): Promise<void> {
  const { stdout } = await exec([...ctr, "tasks", "ls", "-q"]);
  for (const id of stdout.split("\n").filter(Boolean)) {
    await exec([...ctr, "tasks", "delete", "--force", id], { okCodes: [0, 1] });
  }
  const left = await exec([...ctr, "containers", "ls", "-q"]);
  for (const id of left.stdout.split("\n").filter(Boolean)) {
    await exec([...ctr, "containers", "delete", id], { okCodes: [0, 1] });
  }
}

/** Takes away the mounts below a folder, innermost first. */
export async function unmountBelow(folder: string): Promise<void> {
  const lines = (await readFile("/proc/self/mountinfo", "utf8")).split("\n");
  const points = lines.map((line) => line.split(" ")[4] ?? "").filter((point) => point.startsWith(`${folder}/`));
  for (const point of points.reverse()) await exec(["umount", "-l", point], { okCodes: [0, 32] });
}

async function writeCniConfig(folder: string, subnet: string): Promise<void> {
  await mkdir(join(folder, "cni"), { recursive: true });
  const config = {
    cniVersion: "1.0.0",
    name: "test",
    plugins: [
      {
        type: "bridge",
        bridge: "cni0",
        isGateway: true,
        hairpinMode: true,
        ipam: {
          type: "host-local",
          dataDir: join(folder, "cni-state"),
          ranges: [[{ subnet }]],
          routes: [{ dst: "0.0.0.0/0" }],
        },
      },
    ],
  };
  await writeFile(join(folder, "cni", "10-test.conflist"), JSON.stringify(config));
}

function containerdConfig(folder: string): string {
  return `
version = 2
root = "${folder}/root"
state = "${folder}/state"
[grpc]
  address = "${folder}/containerd.sock"
[plugins."io.containerd.internal.v1.opt"]
  path = "${folder}/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  restrict_oom_score_adj = true
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
  enable_unprivileged_ports = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${folder}/cni"
`;
}
