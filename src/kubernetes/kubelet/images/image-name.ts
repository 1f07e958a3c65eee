// Names of images, by the rules of the container registries: registry/path:tag@digest, with Docker's short forms.

export interface ImageName {
  /** With the registry: "docker.io/library/busybox". */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

const pathPart = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const pathExpression = new RegExp(`^${pathPart}(?:/${pathPart})*$`);
const domainPart = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const domainExpression = new RegExp(`^(?:${domainPart}(?:\\.${domainPart})*|\\[[0-9a-fA-F:]+\\])(?::[0-9]+)?$`);
const tagExpression = /^\w[\w.-]{0,127}$/;
const digestExpression = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const longestRepository = 255;

/** Reads a name. Throws with the reference library's words. */
export function parseImageName(image: string): ImageName {
  const fail = (why: string) => new Error(`couldn't parse image name ${JSON.stringify(image)}: ${why}`);
  const invalid = "invalid reference format";
  if (/^[0-9a-f]{64}$/.test(image))
    throw fail(`invalid repository name (${image}), cannot specify 64-byte hexadecimal strings`);
  const [withoutDigest = "", digest, ...more] = image.split("@");
  const colon = withoutDigest.lastIndexOf(":");
  const hasTag = colon > withoutDigest.lastIndexOf("/");
  const tag = hasTag ? withoutDigest.slice(colon + 1) : undefined;
  const { domain, path } = splitDomain(hasTag ? withoutDigest.slice(0, colon) : withoutDigest);
  const [remote = ""] = splitDomain(image).path.split(":");
  if (remote !== remote.toLowerCase()) throw fail(`${invalid}: repository name (${remote}) must be lowercase`);
  const isValid =
    more.length === 0 &&
    domainExpression.test(domain) &&
    pathExpression.test(path) &&
    (tag === undefined || tagExpression.test(tag)) &&
    (digest === undefined || digestExpression.test(digest));
  if (!isValid) throw fail(invalid);
  const repository = `${domain}/${path}`;
  if (repository.length > longestRepository) {
    throw fail(`repository name must not be more than ${longestRepository} characters`);
  }
  return { repository, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}

/** The name with ":latest" where it has neither tag nor digest. */
export function withDefaultTag(image: string): string {
  const { tag, digest } = parseImageName(image);
  return tag === undefined && digest === undefined ? `${image}:latest` : image;
}

/** The first part is a registry if it looks like a host; else it is all Docker Hub's. */
function splitDomain(name: string): { domain: string; path: string } {
  const slash = name.indexOf("/");
  const first = name.slice(0, Math.max(slash, 0));
  const isHost = slash > 0 && (/[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase());
  const domain = isHost ? first.replace(/^index\.docker\.io$/, "docker.io") : "docker.io";
  const path = isHost ? name.slice(slash + 1) : name;
  return { domain, path: domain === "docker.io" && !path.includes("/") ? `library/${path}` : path };
}
