// Defaults of one section that depend on another: simulated pods' addresses; the pod network and the add-ons of distributions other
// than ours, and of clouds that make the nodes themselves.

import { type ClusterConfigInput, simulatedPodCIDR } from "./cluster-config.ts";
import { isManagedInfrastructure } from "./infrastructure/clouds.ts";

type Sections = Pick<ClusterConfigInput, "network" | "addons">;

/** The defaults that are not the schema's, by section, for a configuration as a person wrote it. */
export function dependentDefaults(raw: Readonly<Record<string, unknown>>): Sections {
  const podCIDR = fieldOfSection(raw["infrastructure"], "simulated") === true ? { podCIDR: simulatedPodCIDR } : {};
  const distribution = fieldOfSection(raw["distribution"], "type");
  // A cloud that makes the nodes gives them all that.
  const provider = String(fieldOfSection(raw["infrastructure"], "provider"));
  if (isManagedInfrastructure({ provider })) return { network: { plugin: "none", proxy: "none" }, addons: [] };
  // What our own nodes bring (pod network, DNS, storage) is not there on other distributions' nodes.
  if (distribution === "kubeadm") return { network: { ...podCIDR, plugin: "flannel" }, addons: [] };
  if (distribution === "k3s") return { network: { ...podCIDR, plugin: "none" }, addons: [] };
  return "podCIDR" in podCIDR ? { network: podCIDR } : {};
}

/** The section as it was written, with those defaults. */
export function sectionOf(raw: Readonly<Record<string, unknown>>, name: string): unknown {
  const value = raw[name];
  const defaults = dependentDefaults(raw)[name as keyof Sections];
  if (defaults === undefined) return value;
  if (value === undefined) return defaults;
  const isMapping = typeof value === "object" && value !== null && !Array.isArray(value);
  return isMapping ? { ...defaults, ...value } : value;
}

function fieldOfSection(section: unknown, field: string): unknown {
  return typeof section === "object" && section !== null ? (section as Record<string, unknown>)[field] : undefined;
}
