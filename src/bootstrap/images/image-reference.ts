// Where an image lies: registry, repository and tag or digest out of its name, and the mirrors that stand in for a registry. Pure.

export interface ImageReference {
  /** "registry.k8s.io", as names have it. */
  readonly registry: string;
  readonly repository: string;
  /** A tag or a digest. */
  readonly reference: string;
}

/** Base URLs to ask instead of a registry, in order, by its name. */
export type ImageMirrors = Readonly<Record<string, readonly string[]>>;

/** Throws for what cannot be an image's name. */
export function parseImageReference(image: string): ImageReference {
  const [withoutDigest = "", digest] = image.split("@");
  const slash = withoutDigest.indexOf("/");
  const first = withoutDigest.slice(0, Math.max(slash, 0));
  const isHost = slash > 0 && (/[.:]/.test(first) || first === "localhost");
  const registry = isHost ? first : "docker.io";
  const path = isHost ? withoutDigest.slice(slash + 1) : withoutDigest;
  const { name, tag } = /^(?<name>[a-z0-9._/-]+?)(?::(?<tag>\w[\w.-]{0,127}))?$/.exec(path)?.groups ?? {};
  if (name === undefined) throw new Error(`Cannot find image ${image}: that is no image's name`);
  const repository = registry === "docker.io" && !name.includes("/") ? `library/${name}` : name;
  return { registry, repository, reference: digest ?? tag ?? "latest" };
}

/** The whole name, by which containerd's CRI looks an image up: with its registry, and its digest where it has one, else its tag. */
export function qualifyImage(image: string): string {
  const { registry, repository, reference } = parseImageReference(image);
  return `${registry}/${repository}${reference.includes(":") ? "@" : ":"}${reference}`;
}

/** The URLs below which the repository's manifests and blobs lie: mirrors first, then the registry itself. */
export function repositoryUrls({ registry, repository }: ImageReference, mirrors: ImageMirrors = {}): string[] {
  const host = registry === "docker.io" ? "registry-1.docker.io" : registry;
  const bases = [...(Object.hasOwn(mirrors, registry) ? mirrors[registry]! : []), `https://${host}`];
  return bases.map((base) => {
    const { origin, pathname } = new URL(base);
    return `${origin}/v2${pathname.replace(/\/$/, "")}/${repository}`;
  });
}

/** containerd's file for a registry with mirrors: https://github.com/containerd/containerd/blob/main/docs/hosts.md */
export function renderMirrorHosts(registry: string, mirrors: readonly string[]): string {
  const server = registry === "docker.io" ? "registry-1.docker.io" : registry;
  const hosts = mirrors.map((mirror) => {
    const { origin, pathname } = new URL(mirror);
    const path = pathname.replace(/\/$/, "");
    const url = path === "" ? origin : `${origin}/v2${path}`;
    return `\n[host.${JSON.stringify(url)}]\n  capabilities = ["pull", "resolve"]\n${path === "" ? "" : "  override_path = true\n"}`;
  });
  return `server = ${JSON.stringify(`https://${server}`)}\n${hosts.join("")}`;
}
