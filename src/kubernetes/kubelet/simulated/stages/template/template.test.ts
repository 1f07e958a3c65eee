import assert from "node:assert/strict";
import { test } from "node:test";
import { templateFunctions } from "./functions.ts";
import { compileTemplate } from "./template.ts";

const data = {
  metadata: { name: "a", labels: { b: "2", a: "1" } },
  spec: { containers: [{ name: "x", image: "i:1" }, { name: "y" }], hostNetwork: false },
};
const functions = { ...templateFunctions, Now: () => "now", IPs: (node: unknown) => (node ? ["10.0.0.1"] : []) };
const render = (source: string, of: unknown = data) => compileTemplate(source, functions).render(of);

test("template: fields, literals, variables", () => {
  assert.equal(render("{{ .metadata.name }}-{{ $.metadata.name }}-{{ 1.5 }}"), "a-a-1.5");
  assert.equal(render('{{ $x := "a\\"b" }}{{ $x | Quote }}'), '"a\\"b"');
  assert.equal(render("{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}"), "2");
  assert.equal(render("{{ .spec.nodeName }}"), "<no value>");
});

test("template: if, else if, else; what counts as true is as in Go", () => {
  const choose = "{{ if .a }}a{{ else if .b }}b{{ else }}c{{ end }}";
  assert.equal(render(choose, { a: 1 }), "a");
  assert.equal(render(choose, { a: 0, b: [1] }), "b");
  assert.equal(render(choose, { a: "", b: {} }), "c");
});

test("template: range over lists, maps and numbers, with break, continue and else", () => {
  assert.equal(render("{{ range $i, $c := .spec.containers }}{{ $i }}{{ $c.name }} {{ end }}"), "0x 1y ");
  assert.equal(render("{{ range $k, $v := .metadata.labels }}{{ $k }}={{ $v }},{{ end }}"), "a=1,b=2,");
  assert.equal(render("{{ range .none }}x{{ else }}none{{ end }}"), "none");
  assert.equal(
    render("{{ range .spec.containers }}{{ if eq .name `y` }}{{ break }}{{ end }}{{ .name }}{{ end }}"),
    "x",
  );
  assert.equal(
    render("{{ range .spec.containers }}{{ if eq .name `x` }}{{ continue }}{{ end }}{{ .name }}{{ end }}"),
    "y",
  );
});

test("template: with sets the dot, and what is around stays in reach", () => {
  assert.equal(render("{{ with IPs .metadata.name }}{{ index . 0 }} {{ $.metadata.name }}{{ end }}"), "10.0.0.1 a");
  assert.equal(render("{{ with .none }}x{{ else }}y{{ end }}"), "y");
});

test("template: white space is trimmed where asked for, comments are left out", () => {
  assert.equal(render("a \n {{- /* nothing */ -}} \n b {{ 1 -}}  c"), "ab 1c");
});

test("template: pipelines, parentheses, and and or that stop early", () => {
  assert.equal(render("{{ printf `%s:%d` .metadata.name 3 | upper }}"), "A:3");
  assert.equal(render("{{ or .spec.hostNetwork false }} {{ or .metadata.uid `none` }} {{ and 1 0 }}"), "false none 0");
  assert.equal(render("{{ if and (eq .metadata.name `a`) (not .none) }}yes{{ end }}"), "yes");
  assert.equal(render("{{ or .metadata.name (index .spec.containers 9) }}"), "a");
});

test("template: functions of sprig and KWOK", () => {
  assert.equal(render("{{ Now | Quote }} {{ .spec.containers | len }} {{ default `d` .none }}"), '"now" 2 d');
  assert.equal(render("{{ YAML .metadata.labels 1 }}"), '\n  {"b":"2","a":"1"}');
  assert.equal(render("{{ add 1 2 | mul 3 }} {{ list `a` `b` | join `-` }} {{ ternary `y` `n` true }}"), "9 a-b y");
});

test("template: what is wrong or not understood is refused when it is compiled", () => {
  for (const source of ["{{ .a", "{{ if .a }}", "{{ end }}", "{{ nosuch 1 }}", '{{ template "x" }}', "{{ .a ] }}"]) {
    assert.throws(() => compileTemplate(source, functions), /template/, source);
  }
});
