// The wizard's questions as data, in the order in which they are asked. Choices, defaults and bounds are the schema's; what a
// provider or distribution must be told beside them is asked as well, by its required fields.

import { simulatedPodCIDR } from "../cluster-config.ts";
import { knownVersions } from "../distribution/versions.ts";
import { isManagedInfrastructure } from "../infrastructure/clouds.ts";
import type { SchemaField } from "../schema-field.ts";
import { type ConfigDraft, valueIn } from "../set-value.ts";

export interface Question {
  /** The field that the answer goes to; a gate's answer goes nowhere but decides what is asked after it. */
  readonly path: string;
  readonly isGate?: boolean;
  /** Where the path alone does not say which: providers may mean different things by a field. */
  readonly field?: SchemaField;
  /** As it is shown. */
  readonly ask: string;
  /** More than the field's description says. */
  readonly help?: string;
  /** What choices are called, by value. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Whether it matters, after the answers so far. Default: always. */
  when?(answers: Answers): boolean;
  /** A default that depends on the answers so far. Default: the schema's. */
  suggest?(answers: Answers): unknown;
}

export interface Answers {
  /** The value at a path, as chosen or by default. */
  value(...path: readonly (string | number)[]): unknown;
  /** What a gate was answered. */
  passed(gate: string): boolean;
}

export function answersOf(draft: ConfigDraft, gates: Readonly<Record<string, boolean>>): Answers {
  return { value: (...path) => valueIn(draft, path), passed: (gate) => gates[gate] === true };
}

const isLocal = ({ value }: Answers) => value("infrastructure", "provider") === "local";
const isManaged = ({ value }: Answers) =>
  isManagedInfrastructure({ provider: String(value("infrastructure", "provider")) });
const isHosts = ({ value }: Answers) => value("infrastructure", "provider") === "ssh";
const isSimulated = ({ value }: Answers) => value("infrastructure", "simulated") === true;
const distributionOf = ({ value }: Answers) => value("distribution", "type") as keyof typeof knownVersions;
const isOurs = (answers: Answers) => distributionOf(answers) === "slipway";
const wantsNetwork = ({ passed }: Answers) => passed("network");

export const questions: readonly Question[] = [
  { path: "name", ask: "What is the cluster called?" },
  { path: "infrastructure.provider", ask: "Where do its machines come from?" },
  {
    path: "infrastructure.simulated",
    ask: "Shall pods really run, or only pretend to?",
    help: "Real ones need Linux and root. Simulated ones cost next to nothing: thousands of nodes fit on a laptop.",
    labels: { false: "really, in containers", true: "only pretend: simulated nodes" },
    when: isLocal,
  },
  {
    path: "infrastructure.hosts",
    ask: "Which hosts?",
    help: "As a list: [{address: 10.0.0.1, role: control-plane}, {address: 10.0.0.2}]. More about each: slipway config explain infrastructure.hosts",
    when: isHosts,
  },
  { path: "infrastructure.user", ask: "Who logs in there?", when: isHosts, suggest: () => "root" },
  {
    path: "infrastructure.sudo",
    ask: "Do commands become root by sudo?",
    help: "It must not ask for a password.",
    labels: { false: "no: who logs in is root", true: "yes, by sudo" },
    when: (answers) => isHosts(answers) && answers.value("infrastructure", "user") !== "root",
  },
  {
    path: "distribution.type",
    ask: "What runs on the machines?",
    when: (answers) => !isLocal(answers) && !isManaged(answers),
  },
  {
    path: "kubernetesVersion",
    ask: "Which version of Kubernetes?",
    when: (answers) => !isOurs(answers) && !isManaged(answers),
    suggest: (answers) => knownVersions[distributionOf(answers)][0],
  },
  {
    path: "infrastructure.sshPublicKey",
    ask: "Which SSH public key opens the machines?",
    help: "The line of a file such as ~/.ssh/id_ed25519.pub. Azure makes no machine without one.",
    when: ({ value }) => value("infrastructure", "provider") === "azure",
  },
  {
    path: "controlPlane.replicas",
    ask: "How many control plane machines?",
    help: "One is enough to try things. Three keep working when one is lost.",
    when: (answers) => !isLocal(answers) && !isManaged(answers),
  },
  {
    path: "controlPlane.virtualAddress",
    ask: "Which free address of the machines' network shall be the API's?",
    help: "One of the control planes always has it: there is no load balancer before them.",
    when: (answers) =>
      Number(answers.value("controlPlane", "replicas") ?? 1) > 1 &&
      answers.value("infrastructure", "provider") === "vsphere",
  },
  {
    path: "workers[0].count",
    ask: "How many worker nodes?",
    help: "More pools, with labels, taints and capacity of their own, can be added to the file: slipway config explain workers",
  },
  {
    path: "network",
    isGate: true,
    ask: "Do addresses, ports or names of its network matter to you?",
    help: "Change them where the ranges are in use already, or where you bring a pod network of your own. They cannot change later.",
    labels: { false: "no, take the defaults", true: "yes, ask me" },
  },
  {
    path: "network.podCIDR",
    ask: "Which addresses do pods get?",
    when: wantsNetwork,
    suggest: (answers) => (isSimulated(answers) ? simulatedPodCIDR : undefined),
  },
  { path: "network.serviceCIDR", ask: "Which addresses do services get?", when: wantsNetwork },
  { path: "network.dnsDomain", ask: "In which domain are the names of services?", when: wantsNetwork },
  { path: "network.apiServerPort", ask: "At which port does the API server listen?", when: wantsNetwork },
  {
    path: "network.plugin",
    ask: "Which pod network?",
    labels: {
      slipway: "slipway's own",
      flannel: "flannel: VXLAN, simple",
      calico: "Calico: BGP, network policies",
      cilium: "Cilium: eBPF, network policies",
      none: "none: I bring one",
    },
    when: (answers) => (wantsNetwork(answers) || !isOurs(answers)) && !isSimulated(answers),
    suggest: (answers) => (isOurs(answers) ? undefined : distributionOf(answers) === "kubeadm" ? "flannel" : "none"),
  },
];
