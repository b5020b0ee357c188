/** What the tree is made with: pinned, declared, checked by digest, under licences that are listed. */
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { inTree, root } from "../worker/support/root.js";

/** @param {string} path */
const read = (path) => readFileSync(inTree(path), "utf8");
const IGNORED = ["node_modules", "build", ".local", ".wrangler"];

/** @param {string} pattern @returns {string[]} files of the tree, relative to its root */
const files = (pattern) =>
  globSync(pattern, { cwd: root, exclude: (name) => IGNORED.includes(String(name)) })
    .filter((path) => !IGNORED.some((name) => path.split("/").includes(name)))
    .sort();

const MANIFESTS = ["package.json", ...files("packages/*/package.json")];
const KINDS = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];

/** @param {string} path @returns {[name: string, version: string][]} */
function declared(path) {
  const manifest = JSON.parse(read(path));
  return KINDS.flatMap((kind) => Object.entries(manifest[kind] ?? {}));
}

describe("what is declared", () => {
  const EXACT = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;

  for (const path of MANIFESTS) {
    test(`${path}: every version is exact`, () => {
      for (const [name, version] of declared(path)) assert.match(version, EXACT, name);
    });
  }

  test("the package manager's version is exact", () => {
    assert.match(JSON.parse(read("package.json")).packageManager, /^pnpm@\d+\.\d+\.\d+$/);
  });

  test("what runs scripts of its own on installing is named", () => {
    const { permissions } = workspace();
    for (const [name, build] of Object.entries(permissions)) {
      const allowed = ["esbuild", "node", "workerd"].includes(name);
      assert.equal(build, allowed, name);
    }
  });

  /** The packages of pnpm-workspace.yaml's `permissions`, and whether each may build. */
  function workspace() {
    const text = read("pnpm-workspace.yaml");
    const section = text.slice(text.indexOf("\npermissions:"));
    const entries = [...section.matchAll(/^ {2}"?([^\s":]+)"?:\n {4}build: (true|false)/gm)];
    assert.ok(entries.length > 3);
    return { permissions: Object.fromEntries(entries.map(([, name, b]) => [name, b === "true"])) };
  }
});

describe("what is imported", () => {
  /** Modules of the runtime, or of the code that a bundler puts beside them. */
  const isGiven = (/** @type {string} */ name) => isBuiltin(name) || name.startsWith("cloudflare:");

  /** @param {string} specifier @returns {string} the package that it is in */
  const packageOf = (specifier) =>
    specifier
      .split("/")
      .slice(0, specifier.startsWith("@") ? 2 : 1)
      .join("/");

  /** What is taken from a declared package's own dependencies, to be of that package's version. */
  const THROUGH = { zod: "@modelcontextprotocol/server", esbuild: "wrangler" };

  const SPECIFIERS = [
    /^\s*(?:import|export)\b[^"'`;]*?\bfrom\s*["']([^"']+)["']/gm,
    /^\s*import\s*["']([^"']+)["']/gm,
    /\bimport\(\s*["']([^"']+)["']/g, // also types, in comments
    /\brequire(?:\.resolve)?\(\s*["']([^"']+)["']/g,
  ];

  test("is declared", () => {
    const scripts = files("**/*.{js,mjs,cjs,ts}");
    assert.ok(scripts.length > 100);
    let found = 0;
    for (const path of scripts) {
      const manifest = MANIFESTS.slice(1).find((one) => path.startsWith(`${dirname(one)}/`));
      const own = manifest === undefined ? [] : declared(manifest);
      // Tests of a package in packages/ are outside of it, so it may use only what it declares.
      const names = (manifest === undefined ? declared("package.json") : own).map(([name]) => name);
      const text = read(path);
      for (const [, specifier] of SPECIFIERS.flatMap((pattern) => [...text.matchAll(pattern)])) {
        if (/^[./]/.test(specifier) || isGiven(specifier)) continue;
        const name = packageOf(specifier);
        const isOurs = MANIFESTS.some((one) => JSON.parse(read(one)).name === name);
        found += 1;
        const through = Object.entries(THROUGH).find(([inner]) => inner === name)?.[1];
        assert.ok(
          names.includes(through ?? name) || isOurs,
          `${path} imports ${specifier}, undeclared`,
        );
      }
    }
    assert.ok(found > 10);
  });

  test("by the command line and the Worker is a dependency, not one for development", () => {
    const { dependencies } = JSON.parse(read("package.json"));
    for (const path of files("{cli,host-js}/**/*.js")) {
      if (path.startsWith("host-js/node-")) continue; // for tests; not in the package
      const imports = read(path).matchAll(/^import\b[^"'`;]*?\bfrom\s*["']([^"'./][^"']*)["']/gm);
      for (const [, specifier] of imports) {
        if (isGiven(specifier)) continue;
        assert.ok(Object.hasOwn(dependencies, packageOf(specifier)), `${path}: ${specifier}`);
      }
    }
  });
});

describe("the lockfile", () => {
  const lock = read("pnpm-lock.yaml");

  test("has a digest for every package", () => {
    const packages = lock.slice(lock.indexOf("\npackages:\n"), lock.indexOf("\nsnapshots:\n"));
    const entries = packages.split(/^ {2}(?=\S)/m).slice(1);
    assert.ok(entries.length > 100);
    for (const entry of entries) {
      assert.match(entry, /^ {4}resolution: \{integrity: sha512-[A-Za-z0-9+/]{86}==\}$/m, entry);
    }
  });

  test("names no address: packages come from the registry that the user has set", () => {
    assert.doesNotMatch(lock, /:\/\/|\btarball:|\bgit\+|\bcommit:/);
  });

  test("nothing else in the tree names one either", () => {
    assert.deepEqual(files("**/.npmrc"), []);
    assert.deepEqual(files("**/{package-lock.json,npm-shrinkwrap.json,yarn.lock}"), []);
    const host = new RegExp(["registry", "(npmjs|yarnpkg)"].join("\\."));
    for (const path of files("**/*.{js,json,md,yaml,toml,sh}")) {
      assert.doesNotMatch(read(path), host, path);
    }
  });

  test("has what is declared, at that version", () => {
    for (const path of MANIFESTS) {
      for (const [name, version] of declared(path)) {
        const quoted = name.startsWith("@") ? `'${name}'` : name;
        assert.ok(lock.includes(`\n      ${quoted}:\n        specifier: ${version}\n`), name);
      }
    }
  });
});

describe("docs/licences.md", () => {
  const text = read("docs/licences.md");
  const rows = [...text.matchAll(/^\| `([^`]+)` *\| ([^|]+?) *\|/gm)].map(([, name, licence]) => ({
    name,
    licence,
  }));

  test("lists every package that is declared, with the licence that it names", () => {
    const names = MANIFESTS.flatMap(declared).map(([name]) => name);
    assert.deepEqual(rows.map(({ name }) => name).sort(), names.sort());
    for (const { name, licence } of rows) {
      const manifest = JSON.parse(read(join("node_modules", name, "package.json")));
      assert.equal(licence, manifest.license, name);
    }
  });

  test("lists what is compiled into the module, as the distribution does", (t) => {
    const parts = [
      ...text.matchAll(/^\| ([\w:+-]+) *\| (?:npm|Debian) `([^`]+)` *\| ([^|]+?) *\|/gm),
    ];
    assert.equal(parts.length, 8);
    const linked = read("cmake/dependencies.cmake");
    for (const library of ["simdjson", "lz4.c", "tl/expected.hpp", "xxhash.h"]) {
      assert.ok(linked.includes(library));
    }
    for (const [, part, from, licence] of parts) {
      const copyright = `/usr/share/doc/${from}/copyright`;
      if (!existsSync(copyright)) {
        t.diagnostic(`${part}: not checked, for there is no ${copyright}`);
        continue;
      }
      const known = { MIT: /Expat|MIT/, "Apache-2.0": /Apache-2\.0/ };
      const short = licence.replace(/ WITH .*|, .*|.*\(|\)/g, "");
      const named = Object.entries(known).find(([name]) => name === short)?.[1];
      const pattern = named ?? new RegExp(short.replace("CC0-1.0", "CC0|publicdomain/zero"), "i");
      assert.match(readFileSync(copyright, "utf8"), pattern, part);
    }
  });

  test("the module links nothing else", () => {
    const linked = read("cmake/dependencies.cmake") + read("CMakeLists.txt");
    const libraries = [...linked.matchAll(/add_library\((\w+)/g)].map(([, name]) => name);
    assert.deepEqual(
      new Set(libraries),
      new Set(["simdjson", "lz4", "header_only", "sqlite", "millimetric_core", "millimetric_hot"]),
    );
  });
});

test("the build's own programs resolve to what is declared", () => {
  const require = createRequire(import.meta.url);
  for (const [name, version] of declared("package.json")) {
    const manifest = join(root, "node_modules", name, "package.json");
    assert.equal(require(manifest).version, version, name);
  }
});
