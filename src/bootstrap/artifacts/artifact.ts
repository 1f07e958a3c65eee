// The contract of artifacts: the big things clusters are made of and no description holds. What each is called and where it is
// published is data (catalogue.ts); where one is taken from is a source: the network, or a bundle that needs none.

/** "package" is a Debian package, "image" an archive of container images, "manifest" Kubernetes objects, "chart" a Helm chart. */
export type ArtifactKind = "program" | "package" | "image" | "manifest" | "chart";

/** What is known of an artifact before anybody has it. */
export interface ArtifactOrigin {
  /** "kubelet-1.36.2-linux-amd64"; of packages Debian's name, of images as pods name them, of manifests and charts their URL. */
  readonly name: string;
  readonly kind: ArtifactKind;
  readonly version: string;
  /** "linux-amd64"; absent where it is the same for all. */
  readonly platform?: string;
  /** Absent: made or found on this machine, or brought by apt. */
  readonly url?: string;
  /** "sha256:…" of the file. Absent: the publisher's, at `checksumUrl`. */
  readonly digest?: string;
  /** A file of the publisher's that names the digest. */
  readonly checksumUrl?: string;
  /** An SPDX licence expression, where known. */
  readonly licence?: string;
  /** Of an archive of images that holds more than the one it is named after: all their names. */
  readonly images?: readonly string[];
  /** Of a Debian package: its control paragraph. */
  readonly control?: string;
}

export interface ReadOptions {
  readonly signal: AbortSignal;
  /** "sha256:…": anything else is refused. */
  readonly digest?: string;
}

/** A file of a bundle, on this machine. */
export interface BundledFile {
  readonly path: string;
  /** "sha256:…". */
  readonly digest: string;
}

/** Debian packages as apt takes them without a network. */
export interface PackageRepository {
  /** On this machine: the packages, and what apt reads beside them. */
  readonly folder: string;
  /** The name of the system's release they are of, "bookworm"; absent where nobody noted it. */
  readonly release?: string;
  readonly packages: readonly string[];
  /** Of the packages, in the folder. */
  readonly files: readonly string[];
  /** Of "Packages", the file that names every package's own. */
  readonly indexDigest: string;
}

/** Where artifacts are taken from. Everything throws a UserError that names what cannot be had, and why. */
export interface ArtifactSource {
  /** For people: "the network", "bundle demo.tar.zst". */
  readonly title: string;
  /** Whether it may ask the network; if not, what it lacks is not to be had at all. */
  readonly isOnline: boolean;
  /** The artifact of this name (as in ArtifactSpec) as a file on this machine, its digest checked. */
  locate(name: string, options: { readonly signal: AbortSignal }): Promise<string>;
  /** What lies at a URL: add-ons' manifests and charts. */
  read(url: string, options: ReadOptions): Promise<Uint8Array>;
  /** What machines get packages from; undefined: the repositories they have. */
  packageRepository(): Promise<PackageRepository | undefined>;
  /** Archives of images, to be imported on each node before it starts pods. */
  imageArchives(): Promise<readonly BundledFile[]>;
}
