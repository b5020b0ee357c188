/** What the documents say of the tree: commands, folders, layers, error codes, links. */
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** @param {string} path */
const read = (path) => readFileSync(join(ROOT, path), "utf8");

const readme = read("README.md");
const documents = ["README.md", "SECURITY.md", ...globSync("docs/**/*.md", { cwd: ROOT })];

test("every pnpm command of the README exists", () => {
  const scripts = Object.keys(JSON.parse(read("package.json")).scripts);
  const commands = readme.slice(readme.indexOf("## Commands"));
  const rows = commands.split("\n").filter((line) => line.startsWith("| `"));
  const named = rows.flatMap((row) =>
    [...row.split("|")[1].matchAll(/`(?:run )?([\w:]+)/g)].map(([, name]) => name),
  );
  const inText = [...readme.matchAll(/npx -y pnpm (?:run )?([\w:]+)/g)].map(([, name]) => name);
  const builtIn = ["exec", "pack"];
  for (const name of [...named, ...inText]) {
    assert.ok([...scripts, ...builtIn].includes(name), `pnpm ${name}`);
  }
  for (const script of scripts) {
    // prepack is a part of `pack`, which is the package manager's own.
    assert.ok(named.includes(script.replace(/^pre/, "")), `${script} has no row`);
  }
});

test("the README's map has every folder", () => {
  const folders = [
    ...globSync("core/*/", { cwd: ROOT }),
    ...["wasm", "host-js", "migrations", "scripts", "tests", "docs"],
  ];
  for (const folder of folders) {
    assert.ok(readme.includes(`| \`${folder.replace(/\/$/, "")}/\``), `${folder} has no row`);
  }
});

test("a layer of the core uses those before it only", () => {
  const order = /^base(?: < \w+)+/m.exec(readme)?.[0].split(" < ") ?? [];
  assert.deepEqual(
    order.toSorted(),
    globSync("core/*/", { cwd: ROOT })
      .map((folder) => folder.split("/")[1])
      .sort(),
  );
  for (const file of globSync("core/*/*.{h,cpp}", { cwd: ROOT })) {
    const layer = order.indexOf(file.split("/")[1]);
    for (const [, used] of read(file).matchAll(/^#include "(\w+)\//gm)) {
      assert.ok(order.indexOf(used) <= layer, `${file} includes ${used}/`);
    }
  }
});

test("docs/mcp.md lists the error codes as core/base/error.cpp has them", () => {
  const table = [...read("core/base/error.cpp").matchAll(/\{(\w+), "(\w+)", (\d+), (-?\d+)\}/g)];
  assert.ok(table.length > 30);
  const wanted = table.map(([, , name, status, code]) => [name, status, code === "0" ? "" : code]);
  const rows = read("docs/mcp.md").matchAll(/^\| `(\w+)` +\| +(\d+) \| +(-?\d*) \|/gm);
  assert.deepEqual(
    [...rows].map(([, ...row]) => row),
    wanted,
  );
});

test("links between the documents lead somewhere", () => {
  for (const document of documents) {
    for (const [, target] of read(document).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
      if (target.includes("://")) continue;
      const path = join(ROOT, dirname(document), target);
      assert.ok(existsSync(path), `${document} links to ${target}`);
    }
  }
});

test("decisions are numbered without gaps", () => {
  const names = globSync("docs/decisions/*.md", { cwd: ROOT }).sort();
  names.forEach((name, index) => {
    const number = String(index + 1);
    assert.match(name, new RegExp(`/${number.padStart(3, "0")}-[a-z0-9-]+\\.md$`));
    assert.match(read(name), new RegExp(`^# ${number}\\. `));
  });
});
