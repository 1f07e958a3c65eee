// The static Pods of a control plane of distribution kubeadm, stopped and started again as kubeadm's documentation asks: a kubelet ends a
// Pod whose manifest is moved away, and makes it anew when the manifest is back. No API server is needed for it.
// https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/

import type { ClusterConfig } from "#config";
import type { BootstrapMachine } from "../distribution.ts";
import { apiPort } from "../host/api-port.ts";
import type { CommandSpec } from "../machine-description.ts";
import { heldManifests, manifestsFolder, programsFolder } from "./paths.ts";
import { etcdctl, untilTrue } from "./shell-functions.ts";

export const apiServerPods = ["kube-apiserver", "kube-controller-manager", "kube-scheduler"];

/**
 * A Pod may take its grace period of 30 seconds, and a kubelet that missed the move looks every 20. It has ended when its sandbox, which
 * bears the Pod's own label, has.
 */
const functions = `${untilTrue}${etcdctl}manifests=${manifestsFolder}
held=${heldManifests}
hold() {
  mkdir -p "$held"
  for name in "$@"; do [ ! -e "$manifests/$name.yaml" ] || mv -f "$manifests/$name.yaml" "$held/"; done
}
put_back() {
  for name in "$@"; do
    [ -e "$held/$name.yaml" ] || continue
    if [ -e "$manifests/$name.yaml" ]; then rm -f "$held/$name.yaml"; else mv "$held/$name.yaml" "$manifests/"; fi
  done
}
none_runs() { if running "$@" >/dev/null; then return 1; else [ $? = 1 ]; fi; }
is_stopped() { none_runs io.kubernetes.container.name "$1" && none_runs component "$1"; }
is_running() { running io.kubernetes.container.name "$1" >/dev/null; }
await_stopped() {
  for name in "$@"; do
    until_true 120 is_stopped "$name" || { echo "$name still runs: does the kubelet?" >&2; return 1; }
  done
}
await_running() {
  for name in "$@"; do
    [ -e "$manifests/$name.yaml" ] || continue
    until_true 300 is_running "$name" || { echo "$name was not started: does the kubelet run?" >&2; return 1; }
  done
}
etcd_answers() { etcd endpoint health >/dev/null 2>&1; }
await_etcd() {
  await_running etcd
  until_true 300 etcd_answers || { etcd endpoint health || true; echo "etcd does not answer" >&2; return 1; }
}
ask_api() {
  ${programsFolder}/kubectl --kubeconfig /etc/kubernetes/admin.conf "$@" --request-timeout=5s get --raw /readyz
}
api_answers() { ask_api "$@" >/dev/null 2>&1; }
await_api() {
  await_running kube-apiserver kube-controller-manager kube-scheduler
  until_true 300 api_answers "$@" || { ask_api "$@" || true; echo "the API server does not answer" >&2; return 1; }
}
`;

function script(title: string, text: string, ...args: readonly string[]): CommandSpec {
  return { title, argv: ["sh", "-ec", `${functions}${text}`, "sh", ...args] };
}

/** Ends when none of them runs any more. They stay away, also over a reboot, until they are started. */
export function stopPods(names: readonly string[]): CommandSpec {
  return script(`Stop ${names.join(", ")}`, 'hold "$@"\nawait_stopped "$@"', ...names);
}

/** Ends when etcd answers, for which most of its members must run. */
export function startEtcd(): CommandSpec {
  return script("Start etcd", "put_back etcd\nawait_etcd");
}

/** Ends when this machine's own API server answers. */
export function startApiServer(config: ClusterConfig, machine: BootstrapMachine): CommandSpec {
  const text = `put_back ${apiServerPods.join(" ")}\nawait_api "$@"`;
  return script("Start the API server and what goes with it", text, ...serverFlag(config, machine));
}

/** Where an earlier restart was cut off: what it had stopped runs again. Else nothing. */
export function putPodsBack(config: ClusterConfig, machine: BootstrapMachine): CommandSpec {
  const text = `[ -n "$(ls "$held" 2>/dev/null)" ] || exit 0\nput_back $all\nawait_api "$@"`;
  return script("See that all static Pods run", `${allPods}${text}`, ...serverFlag(config, machine));
}

/** Whatever ends the script, the manifests are put back. */
export function restartPods(config: ClusterConfig, machine: BootstrapMachine): CommandSpec {
  const text = `trap 'put_back $all' EXIT
trap 'exit 1' HUP INT TERM
hold $all
await_stopped $all
put_back $all
trap - EXIT
await_api "$@"`;
  return script("Start the static Pods anew", `${allPods}${text}`, ...serverFlag(config, machine));
}

const allPods = `all="etcd ${apiServerPods.join(" ")}"\n`;

/** admin.conf names the address that all API servers share. */
function serverFlag(config: ClusterConfig, { address }: BootstrapMachine): string[] {
  return address === undefined ? [] : [`--server=https://${address}:${apiPort(config)}`];
}
