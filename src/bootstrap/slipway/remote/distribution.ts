// Distribution "slipway" on machines that are elsewhere: our own control plane and agent as systemd units, containerd from packages.
// Control planes get the authorities and sign what they need themselves; workers join by a bootstrap token and ask for certificates.

import { describeMirrors } from "../../containerd/mirrors.ts";
import type { BootstrapInput, ClusterAuthorities, Distribution } from "../../distribution.ts";
import { readGivenFiles } from "../../host/given-files.ts";
import { encode } from "../../kubeconfig/render-kubeconfig.ts";
import type { ArtifactSpec, CommandSpec, FileSpec } from "../../machine-description.ts";
import { settingsMark } from "../../machine-description.ts";
import { systemToolPath } from "../../packages/host-tools.ts";
import type { UnitSpec } from "../../supervisor/unit.ts";
import { prepareCommand, processArguments, slipwayCertificates } from "./certificates.ts";
import { describeSettings, givenFiles, usesOwnEtcd } from "./describe-settings.ts";
import { clientUrl } from "./etcd-config.ts";
import { etcdctl } from "./etcd-members.ts";
import { machinePaths, unitNames } from "./machine-paths.ts";
import type { MachineSettings } from "./machine-settings.ts";
import { describeSlipwayRestore } from "./restore-data.ts";
import { systemCommands, systemFiles } from "./system-settings.ts";

/** A file of this installation that machines get. The name tells versions apart. */
export interface OwnProgram {
  /** As an artifact: "slipway-agent-0.1.0-1a2b3c4d5e6f". */
  readonly artifact: string;
  /** On the machine, in our folder: "agent.cjs". */
  readonly file: string;
}

export interface SlipwayDistributionOptions {
  readonly kubernetesVersion: string;
  /** What runs on machines of a platform, the Node runtime included, as "node". */
  programs(platform: string): Promise<readonly OwnProgram[]>;
}

const packages = [
  "containerd",
  "runc",
  "containernetworking-plugins",
  "nftables",
  "iproute2",
  "conntrack",
  "procps",
  "kmod",
];

export function createSlipwayDistribution({ kubernetesVersion, programs }: SlipwayDistributionOptions): Distribution {
  return {
    name: "slipway",
    versions: [kubernetesVersion],
    joinsByBootstrapToken: true,
    async describeMachine(input) {
      const settings = describeSettings(input);
      const given = settings.controlPlane ? await readGivenFiles(givenFiles(input.config)) : [];
      return {
        artifacts: (await programs(input.platform)).map(placeOf),
        imagesFolder: machinePaths.images,
        packages: [...packages, ...controlPlanePackages(input)],
        files: [
          ...systemFiles,
          ...describeMirrors(input.config.images.mirrors, machinePaths.settings).files,
          { path: machinePaths.machineSettings, content: `${JSON.stringify(settings, null, 2)}\n` },
          ...kubeconfigFiles(input, settings),
          ...(settings.controlPlane ? authorityFiles(input) : [authorityFile(input)]),
          ...given,
        ],
        commands: [...systemCommands, ...packageUnits(input), prepareCommand],
        units: units(settings, { given, authorities: input.authorities }),
      };
    },
    importImages: (archive) => {
      const words = `ctr --address ${machinePaths.criSocket} --namespace k8s.io images import`;
      const snapshotter = `sed -n 's/.*"snapshotter": "\\([a-z]*\\)".*/\\1/p' ${machinePaths.agentOptions}`;
      return ["sh", "-c", `${words} --snapshotter "$(${snapshotter})" "$1"`, "sh", archive];
    },
    describeRemoval: () => ({
      files: [{ path: machinePaths.removalSettings, content: '{ "remove": true }\n' }],
      commands: [
        { title: "Remove pods and data", argv: processArguments("machine", machinePaths.removalSettings) },
        {
          title: "Remove our folders",
          argv: ["rm", "-rf", machinePaths.programs, machinePaths.settings, machinePaths.run],
        },
      ],
      units: [],
    }),
    describeLeave: ({ config, machine }) => ({
      files: [],
      commands: usesOwnEtcd(config)
        ? [{ title: `Take ${machine.name} out of etcd`, argv: leaveEtcd(machine.name) }]
        : [],
      units: [],
    }),
    certificates: () => slipwayCertificates,
    describeRestore: describeSlipwayRestore,
  };
}

function placeOf({ artifact, file }: OwnProgram): ArtifactSpec {
  return { name: artifact, path: `${machinePaths.programs}/${file}`, mode: file === "node" ? 0o755 : 0o644 };
}

function controlPlanePackages({ config, duty }: BootstrapInput): string[] {
  if (duty === "join-worker") return [];
  return [
    ...(usesOwnEtcd(config) ? ["etcd-server", "etcd-client"] : []),
    ...(config.controlPlane.virtualAddress === undefined ? [] : ["keepalived"]),
  ];
}

/** Packages start units of their own; ours take their places. */
function packageUnits(input: BootstrapInput): CommandSpec[] {
  const names = controlPlanePackages(input).flatMap((name) => (name === "etcd-server" ? ["etcd"] : []));
  if (input.config.controlPlane.virtualAddress !== undefined && input.duty !== "join-worker") names.push("keepalived");
  if (names.length === 0) return [];
  const script = `systemctl disable -q --now ${names.join(" ")} 2>/dev/null || true`;
  return [{ title: `Leave ${names.join(" and ")} to slipway`, argv: ["sh", "-c", script] }];
}

/** Run where etcd is a member that stays. Nothing is done twice. */
function leaveEtcd(name: string): string[] {
  const words = etcdctl([clientUrl("127.0.0.1")]).join(" ");
  const script = `id=$(${words} member list | awk -F', ' -v name="$1" '$3 == name { print $1 }')
[ -z "$id" ] || ${words} member remove "$id"`;
  return ["sh", "-c", script, "sh", name];
}

function authorityFile({ authorities }: BootstrapInput): FileSpec {
  return { path: `${machinePaths.pki}/ca.crt`, content: authorities.kubernetes.certificate };
}

/** What every control plane has alike, under kubeadm's names. */
function authorityFiles(input: BootstrapInput): FileSpec[] {
  const { frontProxy, etcd, serviceAccounts, kubernetes } = input.authorities;
  const at = (name: string) => `${machinePaths.pki}/${name}`;
  const key = (name: string, content: string): FileSpec => ({ path: at(name), content, mode: 0o600, secret: true });
  return [
    authorityFile(input),
    key("ca.key", kubernetes.key),
    { path: at("front-proxy-ca.crt"), content: frontProxy.certificate },
    key("front-proxy-ca.key", frontProxy.key),
    { path: at("sa.pub"), content: serviceAccounts.publicKey },
    key("sa.key", serviceAccounts.key),
    ...(usesOwnEtcd(input.config)
      ? [{ path: at("etcd/ca.crt"), content: etcd.certificate }, key("etcd/ca.key", etcd.key)]
      : []),
  ];
}

/** Certificates and keys are named by their files, which the machine makes or asks for; so these hold no secrets but the token. */
function kubeconfigFiles(input: BootstrapInput, { controlPlane }: MachineSettings): FileSpec[] {
  const { endpoint, token, authorities } = input;
  // What runs on a control plane depends on no other.
  const server = controlPlane
    ? `https://127.0.0.1:${controlPlane.options.port}`
    : `https://${endpoint.host}:${endpoint.port}`;
  const identities = [
    ["kubelet", "kubelet-client"],
    ["proxy", "proxy"],
    ["dns", "dns"],
    ["storage", "storage"],
  ] as const;
  const place = { server, authority: authorities.kubernetes.certificate };
  const files = identities.map(([user, name]): FileSpec => {
    const pair = {
      "client-certificate": `${machinePaths.nodePki}/${name}.crt`,
      "client-key": `${machinePaths.nodePki}/${name}.key`,
    };
    return { path: machinePaths.kubeconfig(user), content: renderFileKubeconfig(user, place, pair), mode: 0o600 };
  });
  if (controlPlane) return files;
  const bootstrap = renderFileKubeconfig("tls-bootstrap-token-user", place, { token });
  return [...files, { path: machinePaths.bootstrapKubeconfig, content: bootstrap, mode: 0o600, secret: true }];
}

function renderFileKubeconfig(
  name: string,
  { server, authority }: { readonly server: string; readonly authority: string },
  user: Readonly<Record<string, string>>,
): string {
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "kubernetes", cluster: { server, "certificate-authority-data": encode(authority) } }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: "kubernetes", user: name } }],
    "current-context": name,
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** What units read besides the settings; only a digest of it comes into them. */
interface ReadFiles {
  readonly given: readonly FileSpec[];
  readonly authorities: ClusterAuthorities;
}

/** In the order in which they start. What the machine makes of the settings changes with them, so a change starts units anew. */
function units(
  { agent, address, controlPlane, registryFolders }: MachineSettings,
  { given, authorities }: ReadFiles,
): UnitSpec[] {
  const { containerd, etcd, controlPlane: apiServer, virtualAddress, agent: agentName } = unitNames;
  const env = (settings: unknown) => ({ PATH: systemToolPath, ...settingsMark(JSON.stringify(settings)) });
  const notify = { kind: "notify" } as const;
  const list: UnitSpec[] = [
    {
      name: containerd,
      argv: ["containerd", "--config", machinePaths.containerdConfig],
      env: env(registryFolders),
      after: [],
      ready: notify,
    },
  ];
  if (controlPlane?.etcd) {
    list.push({
      name: etcd,
      argv: ["etcd", "--config-file", machinePaths.etcdConfig],
      // Whom it started with is forgotten as soon as it has data. Certificates it reads at every handshake, whom it trusts only once.
      env: env([authorities.etcd.certificate]),
      after: [],
      ready: notify,
    });
  }
  if (controlPlane) {
    list.push({
      name: apiServer,
      argv: processArguments("control-plane", machinePaths.controlPlaneOptions),
      // Who else is a member matters to none that has joined.
      env: env([{ ...controlPlane.options, etcdMember: undefined }, given, authorities]),
      after: controlPlane.etcd ? [etcd] : [],
      ready: notify,
      stopTimeoutMs: 20_000,
    });
  }
  if (controlPlane?.virtualAddress) {
    list.push({
      name: virtualAddress,
      argv: ["keepalived", "--dont-fork", "--log-console", "--vrrp", "--use-file", machinePaths.keepalivedConfig],
      env: env(controlPlane.virtualAddress),
      after: [],
      ready: { kind: "running" },
    });
  }
  list.push({
    name: agentName,
    argv: processArguments("agent", machinePaths.agentOptions),
    env: env([agent, address, authorities.kubernetes.certificate]),
    after: [containerd, ...(controlPlane ? [apiServer] : [])],
    ready: notify,
  });
  return list;
}
