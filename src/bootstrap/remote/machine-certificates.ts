// The certificates on a machine that is elsewhere, read over its connection: never a key. Which places they lie in, the distribution knows.

import type { MachineConnection } from "#provision";
import { type CertificateInfo, describeCertificates } from "../pki/list-certificates.ts";

export interface MachineCertificate extends CertificateInfo {
  /** The file on the machine. */
  readonly file: string;
}

/** Links are followed, as a kubelet's newest certificate is one; its older ones beside it are not looked at. */
const script = `for place in "$@"; do
  find -L "$place" -type f \\( -name '*.crt' -o -name '*-current.pem' -o -name '*.conf' -o -name '*.kubeconfig' \\) 2>/dev/null
done | sort -u | while IFS= read -r file; do
  echo "file $file"
  case "$file" in
    *.conf|*.kubeconfig) sed -n 's/^ *client-certificate-data: *//p' "$file" | base64 -d ;;
    *) cat "$file" ;;
  esac | sed -n '/-----BEGIN CERTIFICATE-----/,/-----END CERTIFICATE-----/p'
done`;

/** Those in files below the places, in the order of the files; none where no place is there. */
export async function readMachineCertificates(
  connection: MachineConnection,
  places: readonly string[],
  signal: AbortSignal,
): Promise<MachineCertificate[]> {
  const { stdout } = await connection.exec(["sh", "-c", script, "sh", ...places], { signal });
  const parts = stdout.split(/^file (.*)\n/m).slice(1);
  const files = parts.flatMap((file, index) => (index % 2 === 0 ? [{ file, pem: parts[index + 1] ?? "" }] : []));
  return files.flatMap(({ file, pem }) => {
    return describeCertificates(nameOf(file, places), pem).map((certificate) => ({ ...certificate, file }));
  });
}

/** "etcd/server" of /etc/kubernetes/pki/etcd/server.crt where the place is /etc/kubernetes/pki; a kubeconfig keeps its ending. */
function nameOf(file: string, places: readonly string[]): string {
  const within = places.filter((place) => file.startsWith(`${place}/`)).toSorted((a, b) => b.length - a.length);
  const name = within[0] === undefined ? file.slice(file.lastIndexOf("/") + 1) : file.slice(within[0].length + 1);
  return name.replace(/\.(crt|pem)$/, "");
}
