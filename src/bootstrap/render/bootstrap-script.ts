// A machine description as a shell script for the machine itself: the runner, then one line for everything there is to do. Files are not
// in it: cloud-init and Ignition write those their own way, before it runs.

import { join } from "node:path";
import { UserError } from "#shared";
import type { ArtifactOrigin } from "../artifacts/artifact.ts";
import type { BundledFetches, FetchedFile } from "../artifacts/bundled-fetches.ts";
import type { ArtifactSpec, CommandSpec, MachineDescription } from "../machine-description.ts";
import { hashDescription } from "../report.ts";
import { renderInstallPackages } from "./install-packages.ts";
import { quoteShell, quoteWords } from "./quote-shell.ts";
import { renderRunner } from "./runner.ts";

export interface RenderOptions {
  /** Where artifacts are published: the machine fetches them by itself. Undefined where nobody knows. */
  origin?(artifact: string): ArtifactOrigin | undefined;
  /** What it fetches of a bundle besides. Absent: packages come from the repositories it has, images from registries. */
  readonly bundled?: BundledFetches | undefined;
  /** What the report calls the description. Default: its hash. */
  readonly descriptionHash?: string;
}

/** What the machine's report will say that was carried out. */
export function reportedHash(description: MachineDescription, options: RenderOptions = {}): string {
  return options.descriptionHash ?? hashDescription(description);
}

/** Throws a UserError for an artifact that the machine could not fetch. */
export function renderBootstrapScript(description: MachineDescription, options: RenderOptions = {}): string {
  const { checks = [], artifacts = [], packages = [], imagesFolder, commands, units } = description;
  const { bundled } = options;
  const starts = units.map(({ name }) => ({ title: `Start ${name}`, argv: ["start_unit", name] }));
  const reload = { title: "Make the units known", argv: ["systemctl", "daemon-reload"] };
  const lines = [
    ...checks.map(renderCommand),
    ...artifacts.map((artifact) => renderFetch(artifact, options)),
    ...(imagesFolder === undefined ? [] : (bundled?.images ?? []).map((image) => renderImage(image, imagesFolder))),
    ...(packages.length > 0 ? [renderLine(`Install packages ${packages.join(", ")}`, ["install_packages"])] : []),
    ...[...commands, ...(units.length > 0 ? [reload, ...starts] : [])].map(renderCommand),
  ];
  return `#!/bin/sh
# Makes this machine a node of a cluster. Written by slipway; may be run again.

${renderRunner(reportedHash(description, options))}
${packages.length > 0 ? `${renderInstallPackages(packages, bundled?.packages)}\n` : ""}
${lines.join("\n")}
finish
`;
}

function renderCommand({ argv, creates, title = argv.join(" ") }: CommandSpec): string {
  return renderLine(title, argv, creates);
}

function renderLine(title: string, argv: readonly string[], creates = ""): string {
  return `run ${quoteShell(title)} ${quoteShell(creates)} ${quoteWords(argv)}`;
}

function renderFetch({ name, path, mode = 0o644 }: ArtifactSpec, { origin }: RenderOptions): string {
  const { url, digest, checksumUrl } = origin?.(name) ?? {};
  if (url === undefined || (digest === undefined && checksumUrl === undefined)) {
    throw new UserError(`Cannot let the machine fetch ${name}: it is not known where it is published`, {
      hints: ["Give a bundle that holds it, to machines that are reached by SSH."],
    });
  }
  const file = decodeURIComponent(new URL(url).pathname.split("/").at(-1)!);
  const proof = digest !== undefined ? [digest.replace("sha256:", "")] : ["", checksumUrl!, file];
  return renderLine(`Fetch ${name}`, ["fetch", url, path, mode.toString(8).padStart(4, "0"), ...proof]);
}

function renderImage({ name, url, digest }: FetchedFile, folder: string): string {
  return renderLine(`Fetch images ${name}`, ["fetch", url, join(folder, name), "0644", digest.replace("sha256:", "")]);
}
