// How machines in a network namespace resolve names as this host does. A host's resolver often listens on its loopback (systemd-resolved,
// dnsmasq), which is another one in the namespace; so what is asked there is sent on to the servers behind it.

import { readFile } from "node:fs/promises";

export interface Resolver {
  /** A resolv.conf whose servers can be reached from anywhere on this machine; what pods without cluster DNS get. */
  readonly file: string;
  /** Its servers, IPv4. */
  readonly servers: readonly string[];
  /** Addresses on the loopback that /etc/resolv.conf names. */
  readonly loopback: readonly string[];
}

/** Where resolvers on the loopback write down whom they ask: systemd-resolved, NetworkManager. */
const filesBehind = ["/run/systemd/resolve/resolv.conf", "/run/NetworkManager/no-stub-resolv.conf"];
const usualFile = "/etc/resolv.conf";

export async function findResolver(
  read: (path: string) => Promise<string> = (path) => readFile(path, "utf8"),
): Promise<Resolver> {
  const serversIn = async (path: string) => parseServers(await read(path).catch(() => ""));
  const named = await serversIn(usualFile);
  const loopback = named.filter(isLoopback);
  for (const file of [usualFile, ...filesBehind]) {
    const servers = (await serversIn(file)).filter((server) => !isLoopback(server));
    if (servers.length > 0) return { file, servers, loopback };
  }
  return { file: usualFile, servers: [], loopback };
}

/** nftables rules for a machine's namespace; undefined where names need no help. */
export function renderResolverRules({ servers: [server], loopback }: Resolver): string | undefined {
  if (loopback.length === 0 || server === undefined) return undefined;
  const rules = loopback.flatMap((address) =>
    ["udp", "tcp"].map((protocol) => `    ip daddr ${address} ${protocol} dport 53 dnat to ${server}`),
  );
  return `table ip slipway-resolver
delete table ip slipway-resolver
table ip slipway-resolver {
  chain output {
    type nat hook output priority -100; policy accept;
${rules.join("\n")}
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr 127.0.0.0/8 oifname != "lo" masquerade
  }
}
`;
}

function parseServers(text: string): string[] {
  const servers = text.split("\n").map((line) => /^\s*nameserver\s+(\d+\.\d+\.\d+\.\d+)\s*$/.exec(line)?.[1]);
  return servers.filter((server) => server !== undefined);
}

function isLoopback(address: string): boolean {
  return address.startsWith("127.");
}
