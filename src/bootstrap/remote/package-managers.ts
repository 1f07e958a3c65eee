// Package managers of machines: which one a machine has, what its packages are called, and what commands ask for them and bring them.

export interface PackageManager {
  readonly name: string;
  /** Answers the names of those that are installed, one a line, whatever its exit code. */
  query(names: readonly string[]): readonly string[];
  readonly refresh: readonly string[];
  install(names: readonly string[]): readonly string[];
  /** What Debian's package is called here; several, or none where it comes with the system. Default: the same. */
  readonly names?: Readonly<Record<string, readonly string[]>>;
}

const apt: PackageManager = {
  name: "apt-get",
  query: (names) => ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package}\\n", ...names],
  refresh: ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "update"],
  install: (names) => [
    "env",
    "DEBIAN_FRONTEND=noninteractive",
    "apt-get",
    "-q",
    "-y",
    "--no-install-recommends",
    "-o",
    "DPkg::Lock::Timeout=120",
    "-o",
    "Dpkg::Options::=--force-confold",
    "install",
    ...names,
  ],
};

const rpmQuery = (names: readonly string[]) => ["rpm", "-q", "--qf", "installed %{NAME}\\n", ...names];

const dnf: PackageManager = {
  name: "dnf",
  query: rpmQuery,
  refresh: ["dnf", "-q", "makecache"],
  install: (names) => ["dnf", "-q", "-y", "install", ...names],
  names: {
    iproute2: ["iproute"],
    conntrack: ["conntrack-tools"],
    procps: ["procps-ng"],
    "etcd-server": ["etcd"],
    "etcd-client": [],
    "systemd-timesyncd": ["chrony"],
  },
};

const zypper: PackageManager = {
  name: "zypper",
  query: rpmQuery,
  refresh: ["zypper", "-q", "refresh"],
  install: (names) => ["zypper", "-q", "-n", "install", "--no-recommends", ...names],
  names: {
    conntrack: ["conntrack-tools"],
    "containernetworking-plugins": ["cni-plugins"],
    "etcd-server": ["etcd"],
    "etcd-client": ["etcdctl"],
    "systemd-timesyncd": ["chrony"],
  },
};

const apk: PackageManager = {
  name: "apk",
  query: (names) => ["apk", "info", "-e", ...names],
  refresh: ["apk", "-q", "update"],
  install: (names) => ["apk", "-q", "add", ...names],
  names: {
    conntrack: ["conntrack-tools"],
    "containernetworking-plugins": ["cni-plugins"],
    "etcd-server": ["etcd"],
    "etcd-client": ["etcd-ctl"],
    "systemd-timesyncd": ["chrony"],
  },
};

export const packageManagers: readonly PackageManager[] = [apt, dnf, zypper, apk];

/** Prints the path of the first that is there. */
export const findManagerCommand: readonly string[] = [
  "sh",
  "-c",
  packageManagers.map(({ name }) => `command -v ${name}`).join(" || "),
];

/** The manager by what findManagerCommand has printed. */
export function managerOf(output: string): PackageManager | undefined {
  const program = output.trim().split("/").at(-1);
  return packageManagers.find(({ name }) => name === program);
}

/** Debian's names as the manager has them. */
export function translateNames({ names = {} }: PackageManager, debian: readonly string[]): string[] {
  return [...new Set(debian.flatMap((name) => names[name] ?? [name]))];
}

/** Those that the answer to a query does not name as installed. */
export function missingPackages(names: readonly string[], answer: string): string[] {
  const installed = new Set(
    answer.split("\n").flatMap((line) => {
      const words = line.trim().split(" ");
      if (words.length === 1) return words;
      return words[0] === "installed" ? [words[1]!] : [];
    }),
  );
  return names.filter((name) => !installed.has(name));
}
