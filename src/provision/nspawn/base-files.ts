// What a tree gets so that it can be a machine in a container: what the kernel shows of itself is prepared before anything starts.

export interface BaseFile {
  readonly path: string;
  readonly content: string;
  readonly mode: number;
}

/**
 * Containers write to control groups, which systemd-nspawn mounts read-only where they are of version 1. And kubelets write kernel
 * settings, which are this host's: they get files instead.
 */
const prepareMachine = `#!/bin/sh
set -eu
mount -o remount,rw /sys/fs/cgroup 2>/dev/null || :
while read -r _ place kind _; do
  case "$kind $place" in
    "cgroup /sys/fs/cgroup/"*) mount -o remount,bind,rw "$place" ;;
  esac
done </proc/self/mounts
settings=/run/slipway-kernel-settings
mkdir -p "$settings"
for name in vm/overcommit_memory vm/panic_on_oom vm/max_map_count kernel/panic kernel/panic_on_oops kernel/keys/root_maxkeys \\
  kernel/keys/root_maxbytes fs/inotify/max_user_instances fs/inotify/max_user_watches; do
  own="$settings/$(echo "$name" | tr / .)"
  [ -e "/proc/sys/$name" ] || continue
  cat "/proc/sys/$name" >"$own"
  mount --bind "$own" "/proc/sys/$name"
done
`;

const prepareUnit = `[Unit]
Description=What the kernel shows to this machine
DefaultDependencies=no
Before=sysinit.target systemd-sysctl.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/lib/slipway/prepare-machine

[Install]
WantedBy=sysinit.target
`;

/** The address is there before the machine boots. */
const cloudConfig = `network: {config: disabled}
datasource_list: [NoCloud, None]
datasource: {NoCloud: {fs_label: null}}
disable_root: false
preserve_hostname: true
`;

const units = "etc/systemd/system";

export const baseFiles: readonly BaseFile[] = [
  { path: "usr/local/lib/slipway/prepare-machine", content: prepareMachine, mode: 0o755 },
  { path: `${units}/prepare-container-machine.service`, content: prepareUnit, mode: 0o644 },
  { path: "etc/cloud/cloud.cfg.d/90-slipway.cfg", content: cloudConfig, mode: 0o644 },
  { path: "etc/fstab", content: "", mode: 0o644 },
  // Empty: each machine gets its own.
  { path: "etc/machine-id", content: "", mode: 0o444 },
];

/** From link to what it points at. */
export const baseLinks: Readonly<Record<string, string>> = {
  [`${units}/sysinit.target.wants/prepare-container-machine.service`]: "../prepare-container-machine.service",
  ...Object.fromEntries(
    [
      "apt-daily.timer",
      "apt-daily-upgrade.timer",
      "dpkg-db-backup.timer",
      "e2scrub_all.timer",
      "e2scrub_reap.service",
      "fstrim.timer",
      "console-getty.service",
      "systemd-networkd-wait-online.service",
    ].map((unit) => [`${units}/${unit}`, "/dev/null"]),
  ),
};

/** What a package's installation made that no two machines may share, or that is there twice. */
export const baseRemovals = ["var/lib/dbus/machine-id", "var/lib/systemd/random-seed", "etc/resolv.conf"];
