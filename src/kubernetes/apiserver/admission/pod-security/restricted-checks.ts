// The restricted standard: what the baseline asks, and best practice in hardening besides.

import type { Volume } from "#kubernetes/api";
import { checkProcMount } from "./baseline-checks.ts";
import {
  type Check,
  type CheckedContainer,
  type CheckedPod,
  nameContainers,
  nameSetters,
  plural,
  quoteAll,
  sorted,
  unlessUserNamespace,
  unlessWindows,
  type Violation,
} from "./check.ts";
import { seccompRestricted } from "./seccomp-checks.ts";

function checkEscalation({ containers }: CheckedPod): Violation | undefined {
  const bad = containers.filter(({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false);
  if (bad.length === 0) return undefined;
  const detail = `${nameContainers(bad)} must set securityContext.allowPrivilegeEscalation=false`;
  return { reason: "allowPrivilegeEscalation != false", detail };
}

function checkCapabilities({ containers }: CheckedPod): Violation | undefined {
  const capabilities = ({ securityContext }: CheckedContainer) => securityContext?.capabilities;
  const added = (container: CheckedContainer) =>
    (capabilities(container)?.add ?? []).filter((name) => name !== "NET_BIND_SERVICE");
  const keeping = containers.filter((container) => !capabilities(container)?.drop?.includes("ALL"));
  const adding = containers.filter((container) => added(container).length > 0);
  const details: string[] = [];
  if (keeping.length > 0) {
    details.push(`${nameContainers(keeping)} must set securityContext.capabilities.drop=["ALL"]`);
  }
  if (adding.length > 0) {
    const names = quoteAll(sorted(adding.flatMap(added)));
    details.push(`${nameContainers(adding)} must not include ${names} in securityContext.capabilities.add`);
  }
  return details.length === 0 ? undefined : { reason: "unrestricted capabilities", detail: details.join("; ") };
}

const allowedVolumes = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "image",
  "persistentVolumeClaim",
  "projected",
  "secret",
] as const satisfies readonly (keyof Volume)[];

function checkVolumes({ spec }: CheckedPod): Violation | undefined {
  const bad = (spec.volumes ?? []).filter((volume) => !allowedVolumes.some((type) => volume[type]));
  if (bad.length === 0) return undefined;
  const types = sorted(bad.map((volume) => Object.keys(volume).find((key) => key !== "name") ?? "unknown"));
  const names = `${plural("volume", "volumes", bad.length)} ${quoteAll(bad.map(({ name }) => name))}`;
  const what = plural("restricted volume type", "restricted volume types", types.length);
  const detail = `${names} ${plural("uses", "use", bad.length)} ${what} ${quoteAll(types)}`;
  return { reason: "restricted volume types", detail };
}

function checkNonRoot({ spec, containers }: CheckedPod): Violation | undefined {
  const reason = "runAsNonRoot != true";
  const ofPod = spec.securityContext?.runAsNonRoot;
  const bad = containers.filter(({ securityContext }) => securityContext?.runAsNonRoot === false);
  if (ofPod === false || bad.length > 0) {
    return { reason, detail: `${nameSetters(ofPod === false, bad)} must not set securityContext.runAsNonRoot=false` };
  }
  const silent = containers.filter(({ securityContext }) => securityContext?.runAsNonRoot === undefined);
  if (ofPod || silent.length === 0) return undefined;
  return { reason, detail: `pod or ${nameContainers(silent)} must set securityContext.runAsNonRoot=true` };
}

function checkUser({ spec, containers }: CheckedPod): Violation | undefined {
  const byPod = spec.securityContext?.runAsUser === 0;
  const bad = containers.filter(({ securityContext }) => securityContext?.runAsUser === 0);
  if (!byPod && bad.length === 0) return undefined;
  return { reason: "runAsUser=0", detail: `${nameSetters(byPod, bad)} must not set runAsUser=0` };
}

export const restrictedChecks: readonly Check[] = [
  {
    id: "allowPrivilegeEscalation",
    versions: [
      { from: 8, check: checkEscalation },
      { from: 25, check: unlessWindows(checkEscalation) },
    ],
  },
  {
    id: "capabilities_restricted",
    overrides: ["capabilities_baseline"],
    versions: [
      { from: 22, check: checkCapabilities },
      { from: 25, check: unlessWindows(checkCapabilities) },
    ],
  },
  { id: "procMount_restricted", overrides: ["procMount"], versions: [{ from: 35, check: checkProcMount }] },
  { id: "restrictedVolumes", overrides: ["hostPathVolumes"], versions: [{ from: 0, check: checkVolumes }] },
  {
    id: "runAsNonRoot",
    versions: [
      { from: 0, check: checkNonRoot },
      { from: 35, check: unlessUserNamespace(checkNonRoot) },
    ],
  },
  {
    id: "runAsUser",
    versions: [
      { from: 23, check: checkUser },
      { from: 35, check: unlessUserNamespace(checkUser) },
    ],
  },
  {
    id: "seccompProfile_restricted",
    overrides: ["seccompProfile_baseline"],
    versions: [
      { from: 19, check: seccompRestricted },
      { from: 25, check: unlessWindows(seccompRestricted) },
    ],
  },
];
