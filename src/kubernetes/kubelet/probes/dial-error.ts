// Why a connection could not be made, as Go writes it: what people know from the events of pods.

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connect: connection refused",
  EHOSTUNREACH: "connect: no route to host",
  ENETUNREACH: "connect: network is unreachable",
  EADDRNOTAVAIL: "connect: cannot assign requested address",
  ETIMEDOUT: "connect: connection timed out",
};

/** "dial tcp 10.0.0.1:80: connect: connection refused"; undefined for an error of another kind. */
export function describeDialError(error: unknown, host: string, port: number): string | undefined {
  const { code, syscall } = error as NodeJS.ErrnoException;
  const address = joinHostPort(host, port);
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `dial tcp: lookup ${host}: no such host`;
  if (code === "ECONNRESET" && syscall === "read") return `read tcp ${address}: read: connection reset by peer`;
  if (code === "ECONNRESET") return "EOF";
  const reason = code === undefined ? undefined : words[code];
  return reason && `dial tcp ${address}: ${reason}`;
}

/** "10.0.0.1:80", "[::1]:80". */
export function joinHostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
