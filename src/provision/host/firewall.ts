// Where the host has a firewall of its own (ufw, Docker, plain iptables, firewalld), its tables would drop what the machines send,
// whatever ours accept. So an accepting rule for the bridge goes in front of them, and is taken out again with the cluster.

import type { Host } from "./host.ts";

interface Rule {
  readonly chain: string;
  readonly match: readonly string[];
}

function rulesFor(bridge: string): readonly Rule[] {
  return [
    { chain: "INPUT", match: ["-i", bridge, "-j", "ACCEPT"] },
    { chain: "FORWARD", match: ["-i", bridge, "-j", "ACCEPT"] },
    { chain: "FORWARD", match: ["-o", bridge, "-j", "ACCEPT"] },
  ];
}

/** Puts the rules in where iptables filters anything; does nothing where it does not. */
export async function openFirewall(host: Host, bridge: string): Promise<void> {
  if (await hasFirewalld(host)) {
    await host.exec(["firewall-cmd", "--quiet", "--zone=trusted", `--add-interface=${bridge}`], {
      okCodes: [0, ...alreadySo],
    });
  }
  if (!(await isFiltering(host))) return;
  for (const { chain, match } of rulesFor(bridge)) {
    const { code } = await host.exec(["iptables", "-w", "-C", chain, ...match], { okCodes: [0, 1, 2] });
    if (code !== 0) await host.exec(["iptables", "-w", "-I", chain, ...match]);
  }
}

/** Takes the rules out, as often as they are there. */
export async function closeFirewall(host: Host, bridge: string): Promise<void> {
  if (await hasFirewalld(host)) {
    await host.exec(["firewall-cmd", "--quiet", "--zone=trusted", `--remove-interface=${bridge}`], {
      okCodes: [0, ...notSo],
    });
  }
  for (const { chain, match } of await findFirewallRules(host, bridge)) {
    await host.exec(["iptables", "-w", "-D", chain, ...match], { okCodes: [0, 1, 2] });
  }
}

/** The rules for the bridge that are in place. */
export async function findFirewallRules(host: Host, bridge: string): Promise<readonly Rule[]> {
  const lines = await listRules(host);
  return rulesFor(bridge).filter(({ chain, match }) => lines.includes(`-A ${chain} ${match.join(" ")}`));
}

/** What firewall-cmd ends with where the interface is in the zone already (ALREADY_ENABLED, ZONE_ALREADY_SET), or in none. */
const alreadySo = [11, 16];
const notSo = [12, 17];

/** Whether firewalld runs: its rules are its own table's, which iptables does not show. */
async function hasFirewalld(host: Host): Promise<boolean> {
  try {
    const { code } = await host.exec(["firewall-cmd", "--state"], { okCodes: [0, 1, 127, 252] });
    return code === 0;
  } catch {
    return false;
  }
}

/** Whether the filter table has rules or policies that could stop the machines. */
async function isFiltering(host: Host): Promise<boolean> {
  const harmless = ["-P INPUT ACCEPT", "-P FORWARD ACCEPT", "-P OUTPUT ACCEPT"];
  return (await listRules(host)).some((line) => !harmless.includes(line));
}

async function listRules(host: Host): Promise<readonly string[]> {
  try {
    const { stdout } = await host.exec(["iptables", "-w", "-S"], { okCodes: [0, 1, 2, 3] });
    return stdout.split("\n").filter((line) => line !== "");
  } catch {
    // No iptables on this machine: then nothing filters through it.
    return [];
  }
}
