// The software bill of materials of a bundle: SPDX 2.3 in JSON. Pure. https://spdx.github.io/spdx-spec/v2.3/

import type { BundledArtifact, BundleIndex } from "./bundle-index.ts";

type SbomInput = Omit<BundleIndex, "sbomDigest" | "format">;

/** The document; the same for the same input. Its namespace tells it from every other. */
export function renderSbom({ created, slipway, distribution, kubernetesVersion, platform, artifacts }: SbomInput) {
  const name = `slipway-bundle-${distribution}-${kubernetesVersion}-${platform}`;
  const packages = artifacts.map(describePackage);
  return {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: "SPDXRef-DOCUMENT",
    name,
    documentNamespace: `https://slipway.dev/spdx/${name}-${created.replaceAll(/[^0-9]/g, "")}`,
    creationInfo: { created: created.replace(/\.\d+Z$/, "Z"), creators: [`Tool: slipway-${slipway}`] },
    packages,
    relationships: packages.map(({ SPDXID }) => ({
      spdxElementId: "SPDXRef-DOCUMENT",
      relationshipType: "DESCRIBES",
      relatedSpdxElement: SPDXID,
    })),
  };
}

const purposes = {
  program: "APPLICATION",
  package: "INSTALL",
  image: "CONTAINER",
  manifest: "FILE",
  chart: "APPLICATION",
} as const;

function describePackage(artifact: BundledArtifact) {
  const { name, version, file, digest, url, licence, kind } = artifact;
  const reference = packageUrl(artifact);
  return {
    SPDXID: `SPDXRef-${file.replaceAll(/[^A-Za-z0-9.-]/g, "-")}`,
    name,
    versionInfo: version,
    packageFileName: file,
    downloadLocation: url ?? "NOASSERTION",
    filesAnalyzed: false,
    primaryPackagePurpose: purposes[kind],
    checksums: [{ algorithm: "SHA256", checksumValue: digest.slice("sha256:".length) }],
    licenseConcluded: "NOASSERTION",
    licenseDeclared: licence ?? "NOASSERTION",
    copyrightText: "NOASSERTION",
    ...(reference !== undefined && {
      externalRefs: [{ referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: reference }],
    }),
  };
}

/** By which scanners know it: https://github.com/package-url/purl-spec */
function packageUrl({ kind, name, version, platform }: BundledArtifact): string | undefined {
  const architecture = platform?.split("-")[1];
  const arch = architecture === undefined ? "" : `?arch=${architecture}`;
  if (kind === "package") return `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}${arch}`;
  return kind === "program" ? `pkg:generic/${encodeURIComponent(name)}@${encodeURIComponent(version)}` : undefined;
}
