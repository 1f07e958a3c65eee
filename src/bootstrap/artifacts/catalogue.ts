// The catalogue of programs: where each version of each is published, under which licence, and what its digest is (digests.json), or who
// says so. Data; a mirror replaces the beginning of a URL.

import type { ArtifactOrigin } from "./artifact.ts";
import digests from "./digests.json" with { type: "json" };

interface PublishedProgram {
  /** {version}, {os}, {arch} and {tag} ({version} as in a URL) are filled in. */
  readonly url: string;
  readonly checksumUrl: string;
  readonly licence: string;
}

const kubernetes = "https://dl.k8s.io/v{version}/bin/{os}/{arch}";
const github = "https://github.com";

function kubernetesProgram(name: string): PublishedProgram {
  const url = `${kubernetes}/${name}`;
  return { url, checksumUrl: `${url}.sha256`, licence: "Apache-2.0" };
}

const k3sRelease = `${github}/k3s-io/k3s/releases/download/v{tag}`;
const k3sSums = `${k3sRelease}/sha256sum-{arch}.txt`;

/** By the first part of an artifact's name. */
export const publishedPrograms: Readonly<Record<string, PublishedProgram>> = {
  kubeadm: kubernetesProgram("kubeadm"),
  kubelet: kubernetesProgram("kubelet"),
  kubectl: kubernetesProgram("kubectl"),
  "kube-apiserver": kubernetesProgram("kube-apiserver"),
  "kube-controller-manager": kubernetesProgram("kube-controller-manager"),
  "kube-scheduler": kubernetesProgram("kube-scheduler"),
  "kube-proxy": kubernetesProgram("kube-proxy"),
  k3s: { url: `${k3sRelease}/k3s`, checksumUrl: k3sSums, licence: "Apache-2.0" },
  "k3s-images": {
    url: `${k3sRelease}/k3s-airgap-images-{arch}.tar.zst`,
    checksumUrl: k3sSums,
    licence: "NOASSERTION",
  },
  "cni-plugins": {
    url: `${github}/containernetworking/plugins/releases/download/v{version}/cni-plugins-{os}-{arch}-v{version}.tgz`,
    checksumUrl: `${github}/containernetworking/plugins/releases/download/v{version}/cni-plugins-{os}-{arch}-v{version}.tgz.sha256`,
    licence: "Apache-2.0",
  },
  crictl: {
    url: `${github}/kubernetes-sigs/cri-tools/releases/download/v{version}/crictl-v{version}-{os}-{arch}.tar.gz`,
    checksumUrl: `${github}/kubernetes-sigs/cri-tools/releases/download/v{version}/crictl-v{version}-{os}-{arch}.tar.gz.sha256`,
    licence: "Apache-2.0",
  },
  containerd: {
    url: `${github}/containerd/containerd/releases/download/v{version}/containerd-{version}-{os}-{arch}.tar.gz`,
    checksumUrl: `${github}/containerd/containerd/releases/download/v{version}/containerd-{version}-{os}-{arch}.tar.gz.sha256sum`,
    licence: "Apache-2.0",
  },
  runc: {
    url: `${github}/opencontainers/runc/releases/download/v{version}/runc.{arch}`,
    checksumUrl: `${github}/opencontainers/runc/releases/download/v{version}/runc.sha256sum`,
    licence: "Apache-2.0",
  },
  etcd: {
    url: `${github}/etcd-io/etcd/releases/download/v{version}/etcd-v{version}-{os}-{arch}.tar.gz`,
    checksumUrl: `${github}/etcd-io/etcd/releases/download/v{version}/SHA256SUMS`,
    licence: "Apache-2.0",
  },
};

/** What the catalogue knows of an artifact's name, such as "kubelet-1.36.2-linux-amd64"; undefined for what it does not. */
export function findProgram(name: string): ArtifactOrigin | undefined {
  const { program, version, os, arch } =
    /^(?<program>[a-z0-9-]+?)-(?<version>\d+\.\d[^-]*(?:-[a-z]+\.\d+)?)-(?<os>[a-z]+)-(?<arch>[a-z0-9]+)$/.exec(name)
      ?.groups ?? {};
  if (program === undefined || version === undefined || !Object.hasOwn(publishedPrograms, program)) return undefined;
  const published = publishedPrograms[program]!;
  const fill = (template: string) =>
    template
      .replaceAll("{version}", version)
      .replaceAll("{tag}", encodeURIComponent(version))
      .replaceAll("{os}", os!)
      .replaceAll("{arch}", arch!);
  const digest = (digests as Readonly<Record<string, string>>)[name];
  return {
    name,
    kind: program === "k3s-images" ? "image" : "program",
    version,
    platform: `${os}-${arch}`,
    url: fill(published.url),
    ...(digest !== undefined && { digest: `sha256:${digest}` }),
    checksumUrl: fill(published.checksumUrl),
    licence: published.licence,
  };
}

/** The digest of a file in its publisher's list: one bare hash, or "hash  name" lines. */
export function findChecksum(list: string, url: string): string | undefined {
  const file = decodeURIComponent(url.split("/").at(-1) ?? "");
  const lines = list.split("\n").map((line) => /^([0-9a-f]{64})(?:\s+[* ]?(?:\.\/)?(\S+))?\s*$/i.exec(line.trim()));
  const [bare, named] = [lines.find((line) => line && line[2] === undefined), lines.find((line) => line?.[2] === file)];
  const found = named ?? bare;
  return found ? `sha256:${found[1]!.toLowerCase()}` : undefined;
}
