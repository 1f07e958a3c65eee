import assert from "node:assert/strict";
import { test } from "node:test";
import { rewriteHtml, rewriteLink } from "./rewrite-links.ts";

const prefix = "/api/v1/namespaces/default/pods/web/proxy";
const context = { prefix, hosts: ["10.0.0.1:80", "api.example:6443"] };

test("links to the root of the host go below the proxy", () => {
  assert.equal(rewriteLink("/a/b/?x=1#y", context), `${prefix}/a/b/?x=1#y`);
  assert.equal(rewriteLink("http://10.0.0.1:80/a", context), `${prefix}/a`);
  assert.equal(rewriteLink("//api.example:6443/a", context), `${prefix}/a`);
});

test("relative links, other hosts' and those already rewritten stay", () => {
  for (const link of ["a/b", "?x", "", "#top", "mailto:a@b", "https://other.example/a", `${prefix}/a`]) {
    assert.equal(rewriteLink(link, context), link);
  }
});

test("a page: only attributes that hold links, whatever their quotes", () => {
  const page = `<A class="/x" HREF='/a'>t</A><img src=/i.png alt="/no"><p title="/x">/y</p><script src="/s.js"></script>`;
  assert.equal(
    rewriteHtml(page, context),
    `<A class="/x" HREF="${prefix}/a">t</A><img src="${prefix}/i.png" alt="/no"><p title="/x">/y</p><script src="${prefix}/s.js"></script>`,
  );
});
