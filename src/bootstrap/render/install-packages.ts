// The shell function by which a machine installs its packages itself: by whichever package manager it has, from the repositories it has;
// or of a bundle, by apt, from what lies on a web server, each package held to its digest.

import type { BundledFetches } from "../artifacts/bundled-fetches.ts";
import { offlineAptOptions, packagesFile, placeFiles } from "../artifacts/package-repository.ts";
import { type PackageManager, packageManagers, translateNames } from "../remote/package-managers.ts";
import { quoteShell, quoteWords } from "./quote-shell.ts";

/** Defines install_packages. Where no manager is known, the system must have them. */
export function renderInstallPackages(packages: readonly string[], bundle?: BundledFetches["packages"]): string {
  const cases = bundle
    ? [renderBundle(packages, bundle)]
    : packageManagers.map((manager) => renderManager(manager, packages));
  return `install_packages() {
${cases.join("\n")}
  echo "No package manager here: this system must bring them by itself."
}`;
}

function renderManager(manager: PackageManager, packages: readonly string[]): string {
  const install = quoteWords(manager.install(translateNames(manager, packages)));
  return `  if command -v ${manager.name} >/dev/null; then
    ${install} || { ${quoteWords(manager.refresh)} && ${install}; }
    return
  fi`;
}

const folder = "/var/lib/slipway/packages";

/** apt says what it would read of the repository; only that is fetched. In the URLs it prints, a "+" is "%2b". */
function renderBundle(
  packages: readonly string[],
  { url, indexDigest, release }: NonNullable<BundledFetches["packages"]>,
): string {
  const apt = quoteWords(["apt-get", "-y", "--no-install-recommends", ...offlineAptOptions(folder), ...aptBehaviour]);
  const place = Object.entries(placeFiles(folder));
  const names = quoteWords(packages);
  return `  if command -v apt-get >/dev/null; then
${release === undefined ? "" : renderReleaseCheck(release)}    fetch ${quoteShell(`${url}/${packagesFile}`)} ${folder}/${packagesFile} 0644 ${indexDigest.replace("sha256:", "")} || return
${place.map(([file, text]) => `    mkdir -p "$(dirname ${folder}/${file})" && printf %s ${quoteShell(text)} >${folder}/${file}`).join("\n")}
    ${apt} -q update || return
    wanted=$(${apt} -qq --print-uris install ${names}) || return
    for file in $(printf '%s\\n' "$wanted" | sed -n "s|^'file:[^']*/\\([^/']*\\)' .*|\\1|p" | sed 's|%2[bB]|+|g'); do
      sum=$(sed -n "\\|^Filename: ./$file\\$|,\\|^SHA256|s|^SHA256: ||p" ${folder}/${packagesFile})
      fetch ${quoteShell(url)}/"$file" ${folder}/"$file" 0644 "$sum" || return
    done
    ${apt} -q install ${names} && rm -rf ${folder}
    return
  fi`;
}

function renderReleaseCheck(release: string): string {
  return `    codename=$(sed -n 's/^VERSION_CODENAME="*\\([^"]*\\).*/\\1/p' /etc/os-release)
    [ "$codename" = ${quoteShell(release)} ] || { echo "the packages are of ${release}, and this machine is $codename"; return 1; }
`;
}

const aptBehaviour = ["-o", "DPkg::Lock::Timeout=120", "-o", "Dpkg::Options::=--force-confold"];
