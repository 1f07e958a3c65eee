import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { resolveConfig } from "#config";
import { prepareCgroup } from "../host/cgroup.ts";
import { createFakeHost } from "../host/fake-host.ts";
import { fetchOptions, parseAptSources, renderAptSources, sourcesOf } from "./apt-sources.ts";
import { findRecipe } from "./base-tree.ts";
import { checkForNspawn } from "./check.ts";

const paragraphs = `Types: deb deb-src
URIs: http://mirror.test/debian
# the next line is a list
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian.gpg

Types: deb
URIs: http://other.test/apt
Suites: cloud-sdk-bookworm
Components: main

Enabled: no
Types: deb
URIs: http://off.test/debian
Suites: bookworm
Components: main
`;

test("parseAptSources: paragraphs and lines", () => {
  assert.deepEqual(parseAptSources("debian.sources", paragraphs), [
    ...["bookworm", "bookworm-updates"].map((suite) => ({
      uri: "http://mirror.test/debian",
      suite,
      components: ["main", "contrib"],
      signedBy: "/usr/share/keyrings/debian.gpg",
    })),
    { uri: "http://other.test/apt", suite: "cloud-sdk-bookworm", components: ["main"] },
  ]);
  const lines =
    "# deb http://no.test x main\ndeb [arch=amd64 signed-by=/k.gpg] http://a.test/d bookworm main # c\ndeb-src http://a.test/d bookworm main\n";
  const parsed = parseAptSources("sources.list", lines);
  assert.deepEqual(parsed, [{ uri: "http://a.test/d", suite: "bookworm", components: ["main"], signedBy: "/k.gpg" }]);
  assert.equal(renderAptSources(parsed), "deb [signed-by=/k.gpg] http://a.test/d bookworm main\n");
});

test("sourcesOf: the release's own, for another release; nobody else's", () => {
  const found = sourcesOf(parseAptSources("a.sources", paragraphs), "bookworm", "trixie");
  assert.deepEqual(
    found.map(({ suite, components }) => [suite, components]),
    [
      ["trixie", ["main"]],
      ["trixie-updates", ["main"]],
    ],
  );
});

test("fetchOptions: proxies go along, the rest of apt's settings does not", () => {
  const dump =
    'APT "";\nAcquire::http::Proxy "http://p.test:3128";\nAcquire::https::Proxy "";\nAcquire::cdrom "";\nAcquire::Check-Valid-Until "false";';
  assert.deepEqual(fetchOptions(dump), [
    'Acquire::http::Proxy "http://p.test:3128";',
    'Acquire::Check-Valid-Until "false";',
  ]);
});

test("findRecipe: from this machine's sources, or a mirror; none where it has no Debian", () => {
  const host = createFakeHost();
  const image = { image: "debian-12", packages: ["runc"] };
  assert.equal(findRecipe(host, image), undefined);
  assert.equal(findRecipe(host, { ...image, mirror: "http://m.test/debian" })?.sources[0]?.suite, "bookworm");
  host.files.set("/etc/os-release", "ID=debian\nVERSION_CODENAME=bookworm\n");
  host.files.set("/etc/apt/sources.list.d/debian.sources", paragraphs);
  const recipe = findRecipe(host, image)!;
  assert.equal(recipe.sources.length, 2);
  assert.ok(recipe.packages.includes("runc") && recipe.packages.includes("openssh-server"));
});

test("prepareCgroup: one group in every hierarchy of version 1, with processors and memory to use", () => {
  const host = createFakeHost();
  const root = "/sys/fs/cgroup";
  host.files.set(`${root}/memory/cgroup.procs`, "");
  host.files.set(`${root}/cpuset/cgroup.procs`, "");
  host.files.set(`${root}/cpuset/cpuset.cpus`, "0-1\n");
  host.files.set(`${root}/cpuset/slipway/cpuset.cpus`, "\n");
  host.files.set(`${root}/cpuset/slipway/demo/cpuset.cpus`, "\n");
  assert.deepEqual(prepareCgroup(host, "slipway/demo"), [`${root}/memory/slipway/demo`, `${root}/cpuset/slipway/demo`]);
  assert.equal(host.files.get(`${root}/cpuset/slipway/demo/cpuset.cpus`), "0-1\n");
});

test("checkForNspawn: names the packages whose programs are missing", () => {
  const host = createFakeHost();
  const { infrastructure } = resolveConfig({ infrastructure: { provider: "nspawn", image: "/a-tree" } });
  assert.ok(infrastructure.provider === "nspawn");
  const about = () =>
    checkForNspawn(host, { folder: tmpdir(), infrastructure }).find(({ message }) => message.startsWith("programs"));
  const path = process.env["PATH"];
  process.env["PATH"] = "";
  try {
    assert.match(about()!.message, /systemd-container, openssh-client, nftables, iproute2$/);
    for (const name of ["systemd-nspawn", "ssh", "ssh-keygen", "nft", "ip"]) host.files.set(`/usr/bin/${name}`, "1");
    assert.equal(about(), undefined);
  } finally {
    process.env["PATH"] = path;
  }
});
