// All commands, in the order of the help text. Two words are a command below another one.

import type { CommandEntry } from "./command.ts";

export const commands: Readonly<Record<string, CommandEntry>> = {
  up: {
    description: "turn up a cluster, or bring it to what the configuration says",
    load: () => import("./commands/up.ts"),
  },
  down: { description: "take a cluster away, completely", load: () => import("./commands/down.ts") },
  plan: { description: "show what up would do, without doing it", load: () => import("./commands/plan.ts") },
  status: { description: "show a cluster's nodes, processes and files", load: () => import("./commands/status.ts") },
  "get-clusters": {
    description: "list the clusters on this machine",
    load: () => import("./commands/get-clusters.ts"),
  },
  stop: { description: "stop a cluster and keep everything it has", load: () => import("./commands/stop.ts") },
  start: { description: "start a cluster that was stopped", load: () => import("./commands/start.ts") },
  kubectl: { description: "run kubectl against a cluster", load: () => import("./commands/kubectl.ts") },
  kubeconfig: { description: "print a cluster's kubeconfig", load: () => import("./commands/kubeconfig.ts") },
  "image load": {
    description: "load images from an archive onto every node",
    load: () => import("./commands/image-load.ts"),
  },
  "bundle create": {
    description: "put everything a cluster needs into one file",
    load: () => import("./commands/bundle/create.ts"),
  },
  "bundle inspect": {
    description: "check a bundle, and show what is in it",
    load: () => import("./commands/bundle/inspect.ts"),
  },
  "bundle install": {
    description: "let a cluster take what it needs from a bundle",
    load: () => import("./commands/bundle/install.ts"),
  },
  certs: {
    description: "show a cluster's certificates, and how long they are good",
    load: () => import("./commands/certs.ts"),
  },
  "certs renew": {
    description: "issue certificates anew, and start with them what uses them",
    load: () => import("./commands/certs/renew.ts"),
  },
  "certs rotate-ca": {
    description: "put new authorities in the old ones' place, without anybody losing trust",
    load: () => import("./commands/certs/rotate-ca.ts"),
  },
  "store snapshot": {
    description: "save a cluster's data to a file, while it runs",
    load: () => import("./commands/store/snapshot.ts"),
  },
  "store restore": {
    description: "put saved data in place of a cluster's, running or not",
    load: () => import("./commands/store/restore.ts"),
  },
  "store compact": {
    description: "let go of how the data was before",
    load: () => import("./commands/store/compact.ts"),
  },
  "store defragment": {
    description: "give etcd's free space back to the disk",
    load: () => import("./commands/store/defragment.ts"),
  },
  logs: { description: "show what a cluster's processes write", load: () => import("./commands/logs.ts") },
  "node add": { description: "add worker nodes", load: () => import("./commands/node/add.ts") },
  "node remove": { description: "drain a node and remove it", load: () => import("./commands/node/remove.ts") },
  "node delete": { description: "the same as node remove", load: () => import("./commands/node/remove.ts") },
  "node replace": {
    description: "put a new machine in the place of a node, lost or not",
    load: () => import("./commands/node/replace.ts"),
  },
  "node drain": { description: "move the pods off a node", load: () => import("./commands/node/drain.ts") },
  "node cordon": { description: "keep new pods off a node", load: () => import("./commands/node/cordon.ts") },
  "node uncordon": {
    description: "let new pods come to a node again",
    load: () => import("./commands/node/uncordon.ts"),
  },
  upgrade: {
    description: "bring a cluster to another version, node by node",
    load: () => import("./commands/upgrade.ts"),
  },
  scale: {
    description: "change how many nodes pools of workers have",
    load: () => import("./commands/scale.ts"),
  },
  "addon list": {
    description: "show a cluster's add-ons, and those there are",
    load: () => import("./commands/addon/list.ts"),
  },
  "addon add": { description: "install an add-on", load: () => import("./commands/addon/add.ts") },
  "addon remove": {
    description: "take an add-on out, with everything it has brought",
    load: () => import("./commands/addon/remove.ts"),
  },
  "addon diff": {
    description: "show what installing add-ons as they are wanted would change",
    load: () => import("./commands/addon/diff.ts"),
  },
  "addon upgrade": {
    description: "bring an add-on to another version",
    load: () => import("./commands/addon/upgrade.ts"),
  },
  verify: { description: "test on every node that it has all it needs", load: () => import("./commands/verify.ts") },
  provision: {
    description: "make a cluster's machines, of a file or again, and nothing on them (phase 1)",
    load: () => import("./commands/provision.ts"),
  },
  bootstrap: {
    description: "make nodes of a cluster's machines, and nothing else (phase 2)",
    load: () => import("./commands/bootstrap.ts"),
  },
  addons: {
    description: "bring a cluster's add-ons to what is wanted, and nothing else (phase 3)",
    load: () => import("./commands/addons.ts"),
  },
  "token create": {
    description: "make a bootstrap token, by which machines join",
    load: () => import("./commands/token/create.ts"),
  },
  "token list": { description: "list bootstrap tokens", load: () => import("./commands/token/list.ts") },
  "token delete": { description: "delete a bootstrap token", load: () => import("./commands/token/delete.ts") },
  config: {
    description: "write a slipway.yaml, asking what matters",
    load: () => import("./commands/config.ts"),
  },
  "config check": {
    description: "show everything that is wrong with a configuration file",
    load: () => import("./commands/config-check.ts"),
  },
  "config explain": {
    description: "tell what a field of slipway.yaml means, and what it may be",
    load: () => import("./commands/config-explain.ts"),
  },
  "config schema": {
    description: "print the JSON Schema of slipway.yaml",
    load: () => import("./commands/config-schema.ts"),
  },
  version: { description: "print the version", load: () => import("./commands/version.ts") },
};

export const groups: Readonly<Record<string, string>> = {
  image: "images on the nodes",
  bundle: "clusters without a network",
  store: "a cluster's data",
  node: "nodes of a cluster",
  token: "bootstrap tokens",
  addon: "what is installed into a cluster",
};
