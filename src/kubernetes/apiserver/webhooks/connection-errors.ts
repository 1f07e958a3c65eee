// Why a connection failed, in the words of Go's HTTP client: they end up in conditions and messages that people know.

export function describeConnectionError(error: Error, deadline?: AbortSignal): string {
  if (deadline?.aborted) return "context deadline exceeded";
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ECONNREFUSED") {
    const { address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
    return `dial tcp ${address}:${port}: connect: connection refused`;
  }
  if (code === "ENOTFOUND") return `dial tcp: lookup ${(error as { hostname?: string }).hostname ?? ""}: no such host`;
  const why = code !== undefined && describeCertificateError(code, error.message);
  return why ? `tls: failed to verify certificate: x509: ${why}` : error.message;
}

function describeCertificateError(code: string, message: string): string | undefined {
  if (/SELF_SIGNED|ISSUER|LEAF_SIGNATURE/.test(code)) return "certificate signed by unknown authority";
  return code.includes("CERT") ? message : undefined;
}
