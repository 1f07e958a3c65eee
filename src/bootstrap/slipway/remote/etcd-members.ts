// Membership in the control planes' etcd, by its own etcdctl: joining as a learner, which cannot cost the others their majority; becoming
// a full member once the data is there; leaving.

import { join } from "node:path";
import { type Clock, describeError, type Exec } from "#shared";
import { clientUrl, peerUrl } from "./etcd-config.ts";
import { machinePaths } from "./machine-paths.ts";

export interface EtcdMember {
  /** Hexadecimal. */
  readonly id: string;
  readonly isStarted: boolean;
  /** Empty until it has started. */
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly isLearner: boolean;
}

/** etcdctl with this machine's identity, as its first words. It tries again and again until `timeout`. */
export function etcdctl(endpoints: readonly string[], timeout = "8s"): string[] {
  const { pki, etcdPki } = machinePaths;
  return [
    "etcdctl",
    `--endpoints=${endpoints.join(",")}`,
    `--cacert=${join(etcdPki, "ca.crt")}`,
    `--cert=${join(pki, "apiserver-etcd-client.crt")}`,
    `--key=${join(pki, "apiserver-etcd-client.key")}`,
    "--dial-timeout=3s",
    `--command-timeout=${timeout}`,
  ];
}

/** From etcdctl's "simple" list: id, state, name, peers, clients, whether it learns. */
export function parseMembers(text: string): EtcdMember[] {
  return text
    .split("\n")
    .map((line) => line.split(", "))
    .filter((fields) => fields.length >= 5)
    .map(([id = "", state, name = "", peers = "", , learner]) => ({
      id,
      isStarted: state === "started",
      name,
      peerUrls: peers.split(",").filter((url) => url !== ""),
      isLearner: learner?.trim() === "true",
    }));
}

export interface JoinRequest {
  readonly name: string;
  readonly address: string;
  /** Addresses of those that may be members. */
  readonly others: readonly string[];
  readonly exec: Exec;
}

/** Asks the others to take this one in; answers the initial cluster it is to start with. A machine of its name before it is put out. */
export async function joinEtcd({ name, address, others, exec }: JoinRequest): Promise<string> {
  const words = etcdctl(await findAnswering(others, exec));
  const { stdout } = await exec([...words, "member", "list"]);
  const own = peerUrl(address);
  for (const member of parseMembers(stdout)) {
    const isPredecessor = member.name === name || member.peerUrls.includes(own);
    if (isPredecessor) await exec([...words, "member", "remove", member.id]);
  }
  const added = await exec([...words, "member", "add", name, `--peer-urls=${own}`, "--learner"]);
  const initial = /ETCD_INITIAL_CLUSTER="([^"]+)"/.exec(added.stdout)?.[1];
  if (initial === undefined) throw new Error(`etcd does not say whom it consists of: ${added.stdout.trim()}`);
  return initial;
}

async function findAnswering(others: readonly string[], exec: Exec): Promise<string[]> {
  const reasons: string[] = [];
  for (const address of others) {
    const endpoint = clientUrl(address);
    try {
      await exec([...etcdctl([endpoint]), "endpoint", "health"]);
      return [endpoint];
    } catch (error) {
      reasons.push(describeError(error));
    }
  }
  throw new Error(`no etcd answers at ${others.join(", ")}: ${reasons.at(-1) ?? "there is none"}`);
}

const promoteTimeoutMs = 90_000;
const promoteRetryMs = 500;

export interface OwnMember {
  readonly address: string;
  /** Addresses of those that may be members. */
  readonly others: readonly string[];
}

/** Makes this machine's member a full one, as soon as it has the data. Fine where it is one. */
export async function promoteMember(
  member: OwnMember,
  { exec, clock, signal }: { readonly exec: Exec; readonly clock: Clock; readonly signal?: AbortSignal },
): Promise<void> {
  const deadline = clock.now() + promoteTimeoutMs;
  for (;;) {
    try {
      if (await tryPromote(member, exec)) return;
    } catch (error) {
      if (clock.now() > deadline) throw error;
    }
    await clock.sleep(promoteRetryMs, signal);
  }
}

async function tryPromote({ address, others }: OwnMember, exec: Exec): Promise<boolean> {
  const members = await listMembers({ address, others }, exec);
  const own = members.find(({ peerUrls }) => peerUrls.includes(peerUrl(address)));
  if (!own) throw new Error("this machine is no member of the etcd it runs");
  if (!own.isLearner) return true;
  const voters = members.filter(({ isLearner, isStarted }) => isStarted && !isLearner);
  const endpoints = voters.flatMap(({ peerUrls }) => peerUrls.map((url) => clientUrl(new URL(url).hostname)));
  await exec([...etcdctl(endpoints), "member", "promote", own.id]);
  return true;
}

/** A full member knows by itself, even while the others are down; a learner answers nothing, so the others are asked. */
async function listMembers({ address, others }: OwnMember, exec: Exec): Promise<EtcdMember[]> {
  const list = async (words: readonly string[]) => parseMembers((await exec([...words, "member", "list"])).stdout);
  try {
    return await list(etcdctl([clientUrl(address)], "2s"));
  } catch {
    return list(etcdctl(await findAnswering(others, exec)));
  }
}
