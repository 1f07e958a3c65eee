// Installs packages on this host with apt; elsewhere it says what to install.

import { CommandFailedError, type Exec, exitCodes, UserError } from "#shared";
import { offlineAptOptions } from "../artifacts/package-repository.ts";

export interface InstallOptions {
  readonly exec: Exec;
  readonly signal: AbortSignal;
  report(detail: string): void;
  /** A folder with the packages and all they need (ArtifactSource): then no network is asked. */
  readonly repository?: string | undefined;
}

/** What brings the same packages on distributions without apt. */
const elsewhere =
  "Install containerd, runc, the CNI plug-ins, nftables and iproute2 with your package manager, then run this again.";

/** Installs the packages with apt-get, refreshing its lists only where that is needed. */
export async function installPackages(names: readonly string[], options: InstallOptions): Promise<void> {
  const { report, repository } = options;
  if (repository !== undefined) return installOffline(names, repository, options);
  report(names.join(", "));
  const first = await tryInstall(names, options);
  if (first === undefined) return;
  if (/dpkg was interrupted/.test(first.stderr)) await apt(["dpkg", "--configure", "-a"], options);
  else {
    report("refreshing the package lists");
    await apt(["apt-get", "-q", "update"], options);
  }
  report(names.join(", "));
  const second = await tryInstall(names, options);
  if (second) throw cannotInstall(names, second);
}

async function installOffline(names: readonly string[], repository: string, options: InstallOptions): Promise<void> {
  const settings = offlineAptOptions(repository);
  options.report(`${names.join(", ")}, from the bundle`);
  try {
    await apt(["apt-get", "-q", ...settings, "update"], options);
    await apt([...installCommand, ...settings, "install", ...names], options);
  } catch (error) {
    if (!(error instanceof CommandFailedError) || error.code === undefined) throw error;
    throw cannotInstall(names, error);
  }
}

const installCommand = ["apt-get", "-q", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120"];

/** The error, if it failed in a way that may be mended. Throws where there is no apt. */
async function tryInstall(names: readonly string[], options: InstallOptions): Promise<CommandFailedError | undefined> {
  try {
    await apt([...installCommand, "install", ...names], options);
    return undefined;
  } catch (error) {
    if (!(error instanceof CommandFailedError)) throw error;
    if (error.code !== undefined) return error;
    throw new UserError(`${names.join(", ")} missing, and there is no apt here to install from`, {
      hints: [elsewhere, "Or use simulated nodes, which need none of them: --simulated."],
      exitCode: exitCodes.host,
      cause: error,
    });
  }
}

function apt(argv: readonly string[], { exec, signal }: InstallOptions): Promise<unknown> {
  return exec(argv, { signal, env: { DEBIAN_FRONTEND: "noninteractive" } });
}

function cannotInstall(names: readonly string[], cause: CommandFailedError): UserError {
  const reason = cause.stderr.split("\n").findLast((line) => line.startsWith("E: ")) ?? cause.message;
  return new UserError(`apt-get could not install ${names.join(", ")}: ${reason.replace(/^E: /, "")}`, {
    hints: [`See for yourself: apt-get install ${names.join(" ")}`, elsewhere],
    exitCode: exitCodes.host,
    cause,
  });
}
