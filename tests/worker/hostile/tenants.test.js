/**
 * A tenant's keys with everything that names another tenant's: no answer shows or confirms it. Each
 * guess is asked beside a name that exists nowhere, and the two answers must be the same bytes but for
 * the name itself.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { RANGE, get, post, rpc, store, tool } from "./support/calls.js";
import { startWorld } from "./support/tenants.js";

/** @typedef {import("./support/calls.js").Got} Got */

/** What only the victim's project knows. No answer to anybody else may hold any of it. */
const THEIRS = {
  event: "qqvictimevent",
  event_id: "qqvictimid",
  anonymous_id: "qqvictimvisitor",
  user_id: "qqvictimuser",
  session_id: "qqvictimsession",
  source: "qqvictimsource",
  path: "/qqvictimpath",
  property: "qqvictimproperty",
};
const EVENT = {
  event: THEIRS.event,
  event_id: THEIRS.event_id,
  anonymous_id: THEIRS.anonymous_id,
  user_id: THEIRS.user_id,
  session_id: THEIRS.session_id,
  url: `https://victim.example${THEIRS.path}?utm_source=${THEIRS.source}&utm_campaign=qqvictimc`,
  properties: { [THEIRS.property]: "qqvictimvalue" },
};

/** @type {import("./support/tenants.js").World} */
let world;
/** @type {import("./support/tenants.js").Tenant} */
let victim;
/** @type {import("./support/tenants.js").Tenant} */
let attacker;
/** The attacker's account key that was minted for the first of two projects. @type {string} */
let narrow;
/** @type {string} */
let url;

before(async () => {
  world = await startWorld();
  url = world.url;
  victim = await world.tenant("Victim", "business", ["qqvictimslug", "shared"]);
  attacker = await world.tenant("Attacker", "business", ["mine", "shared"]);
  const [mine, shared] = attacker.projects;
  const subset = { kind: "ak", account_id: attacker.account, project_ids: [mine.id] };
  narrow = world.mark((await world.admin("keys", subset)).key);
  const theirs = victim.projects[0].keys.sk;
  await store(url, theirs, [EVENT, ...Array.from({ length: 4 }, () => ({ event: THEIRS.event }))]);
  await store(url, victim.projects[1].keys.sk, [EVENT]);
  await store(url, mine.keys.sk, [{ event: "aaa", event_id: "a1", user_id: "bbb" }]);
  await store(url, shared.keys.sk, [{ event: "aaa" }, { event: "aaa" }]);
});
after(() => world.end());

/** A name as long as the guess, that nobody has. @param {string} guess */
const nobodys = (guess) => guess.replace(/[a-z0-9]/gi, (c) => (/\d/.test(c) ? "7" : "w"));

/**
 * Asks with the guess and with a name that nobody has; the answers must not differ.
 *
 * @param {string} guess
 * @param {(name: string) => Promise<Got>} ask
 * @returns {Promise<Got>} the answer to the guess
 */
async function indistinguishable(guess, ask) {
  const unknown = nobodys(guess);
  const [got, none] = [await ask(guess), await ask(unknown)];
  // Times of the answer itself (a range up to now) may move between the two.
  const hide = (/** @type {Got} */ g, /** @type {string} */ name) =>
    g.text
      .replaceAll(name, "GUESS")
      .replaceAll(encodeURIComponent(name), "GUESS")
      .replace(/"(from|to)":"[^"]*"/g, "");
  assert.equal(got.status, none.status);
  assert.equal(hide(got, guess), hide(none, unknown));
  noneOfTheirs(got.text.replaceAll(guess, ""));
  return got;
}

/** @param {string} text */
function noneOfTheirs(text) {
  assert.doesNotMatch(text, /qqvictim|Victim/);
  for (const { id } of victim.projects) assert.ok(!text.includes(id), id);
  world.checkSilent(text, "an answer");
}

/** Keys of the attacker that read, by the project or the account. */
const readers = () => [attacker.projects[0].keys.rk, attacker.projects[0].keys.sk, attacker.ak];

const FILTERS = /** @type {const} */ ({
  event: THEIRS.event,
  source: THEIRS.source,
  campaign: "qqvictimc",
  path: THEIRS.path,
  user_id: THEIRS.user_id,
  anonymous_id: THEIRS.anonymous_id,
});

describe("filters by what only the victim has", () => {
  for (const [filter, guess] of Object.entries(FILTERS)) {
    test(`${filter}`, async () => {
      for (const key of readers()) {
        for (const name of ["query_events", "get_stats", "top_sources"]) {
          const got = await indistinguishable(guess, (value) =>
            tool(url, key, name, { ...RANGE, [filter]: value }),
          );
          const { rows } = got.json.result.structuredContent;
          const counted = rows.filter((/** @type {any} */ row) => row.value !== 0);
          assert.deepEqual(name === "get_stats" ? counted : rows, []);
        }
        await indistinguishable(guess, (value) =>
          tool(url, key, "funnel", { ...RANGE, steps: ["aaa", "bbb"], [filter]: value }),
        );
      }
      for (const path of ["query", "stats", "sources"]) {
        await indistinguishable(guess, (value) =>
          get(url, attacker.projects[0].keys.rk, path, { [filter]: value }),
        );
      }
    });
  }

  test("funnel steps", async () => {
    for (const key of readers()) {
      await indistinguishable(THEIRS.event, (value) =>
        tool(url, key, "funnel", { ...RANGE, steps: [value, value] }),
      );
    }
  });
});

describe("the victim's projects at the account endpoint", () => {
  const TOOLS = ["query_events", "get_stats", "top_sources", "compare_projects"];

  test("by id and by slug are as unknown as any", async () => {
    for (const key of [attacker.ak, narrow]) {
      for (const name of TOOLS) {
        const selections = [
          ["project_id", victim.projects[0].id, (/** @type {string} */ v) => v],
          ["project_slug", victim.projects[0].slug, (/** @type {string} */ v) => v],
          ["project_ids", victim.projects[0].id, (/** @type {string} */ v) => [v]],
          ["project_ids", victim.projects[0].id, (/** @type {string} */ v) => [ownId(), v]],
        ];
        for (const [argument, guess, value] of /** @type {any[]} */ (selections)) {
          const got = await indistinguishable(guess, (given) =>
            tool(url, key, name, { ...RANGE, [argument]: value(given) }),
          );
          if (name !== "compare_projects") {
            const { code, data } = got.json.error;
            const is = argument === "project_slug" ? "unknown_project_slug" : "unknown_project_id";
            assert.deepEqual([code, data.error], [-32004, is]);
          }
        }
      }
    }
  });
  const ownId = () => attacker.projects[0].id;

  test("a key of some projects does not confirm the others of its own account", async () => {
    const [, hidden] = attacker.projects;
    for (const [argument, guess] of [
      ["project_id", hidden.id],
      ["project_slug", hidden.slug],
    ]) {
      const unknown = nobodys(guess);
      const given = (/** @type {string} */ v) =>
        tool(url, narrow, "get_stats", { ...RANGE, [argument]: v });
      const [got, none] = [await given(guess), await given(unknown)];
      assert.equal(got.text.replaceAll(guess, "GUESS"), none.text.replaceAll(unknown, "GUESS"));
      assert.equal(got.json.error.code, -32004);
    }
    const listed = await tool(url, narrow, "list_projects", {});
    assert.deepEqual(
      listed.json.result.structuredContent.rows.map((/** @type {any} */ r) => r.slug),
      ["mine"],
    );
    const all = await tool(url, narrow, "get_stats", { ...RANGE });
    assert.equal(all.json.result.structuredContent.rows[0].value, 1);
  });

  test("a slug that both have is one's own", async () => {
    const got = await tool(url, attacker.ak, "get_stats", { ...RANGE, project_slug: "shared" });
    assert.equal(got.json.result.structuredContent.rows[0].value, 2);
    noneOfTheirs(got.text);
  });

  test("a selection at /mcp or /v1 is an unknown argument, whatever it names", async () => {
    const { rk } = attacker.projects[0].keys;
    for (const argument of ["project_id", "project_slug", "project_ids"]) {
      const guess = argument === "project_slug" ? victim.projects[0].slug : victim.projects[0].id;
      await indistinguishable(guess, (v) => tool(url, rk, "get_stats", { [argument]: v }));
      await indistinguishable(guess, (v) => get(url, rk, "stats", { [argument]: v }));
    }
  });
});

describe("what was given out to the victim", () => {
  /** @param {string} key */
  const firstCursor = async (key) => {
    const page = await tool(url, key, "query_events", { ...RANGE, limit: 1 });
    const cursor = page.json.result.structuredContent.next_cursor;
    assert.equal(typeof cursor, "string");
    return cursor;
  };

  test("a cursor opens nothing of its project", async () => {
    const theirs = await firstCursor(victim.projects[0].keys.rk);
    const theirsOfAccount = await firstCursor(victim.ak);
    for (const cursor of [theirs, theirsOfAccount]) {
      for (const key of readers()) {
        noneOfTheirs((await tool(url, key, "query_events", { ...RANGE, cursor })).text);
      }
      const { rk } = attacker.projects[0].keys;
      noneOfTheirs((await get(url, rk, "query", { cursor })).text);
    }
  });

  test("a cursor tells nothing by itself", async () => {
    const cursor = await firstCursor(victim.projects[0].keys.rk);
    for (const encoding of /** @type {const} */ (["utf8", "base64", "base64url", "hex"])) {
      assert.doesNotMatch(Buffer.from(cursor, encoding).toString("latin1"), /qqvictim/);
    }
  });

  test("an event_id is free in another project", async () => {
    const { sk, rk } = attacker.projects[1].keys;
    const again = { event: "aaa", event_id: THEIRS.event_id };
    assert.deepEqual(await store(url, sk, [again]), { ok: true, count: 1 });
    assert.equal((await post(url, sk, "track", { ...again, event_id: "new" })).status, 202);
    const got = await get(url, rk, "query", {});
    assert.equal(got.json.rows.length, 4);
    noneOfTheirs(got.text.replaceAll(THEIRS.event_id, ""));
  });

  test("forgetting their visitor forgets nothing of theirs", async () => {
    const { sk } = attacker.projects[0].keys;
    for (const [field, guess] of [
      ["user_id", THEIRS.user_id],
      ["anonymous_id", THEIRS.anonymous_id],
    ]) {
      const got = await indistinguishable(guess, (v) => post(url, sk, "forget", { [field]: v }));
      assert.deepEqual(got.json, { ok: true, deleted: 0 });
    }
    const { rk } = victim.projects[0].keys;
    const left = await get(url, rk, "query", { user_id: THEIRS.user_id });
    assert.equal(left.json.rows.length, 1);
  });
});

describe("resources, prompts and completion", () => {
  const uris = () =>
    [victim.projects[0].id, victim.projects[0].slug].flatMap((name) => [
      `events://${name}/recent`,
      `events://recent?project=${name}`,
      `events://recent/../${name}`,
      `schema://${name}`,
      `projects://${name}`,
      `file:///${name}`,
      name,
    ]);

  test("no URI reaches them", async () => {
    for (const key of readers()) {
      for (const uri of uris()) {
        const name = uri.includes("qqvictim") ? victim.projects[0].slug : victim.projects[0].id;
        const got = await indistinguishable(name, (v) =>
          rpc(url, key, "resources/read", { uri: uri.replace(name, v) }),
        );
        assert.equal(got.json.error.data.error, "unknown_resource");
      }
      for (const uri of ["events://recent", "schema://events", "projects://all"]) {
        noneOfTheirs((await rpc(url, key, "resources/read", { uri })).text);
      }
    }
  });

  test("completion offers nothing of theirs", async () => {
    const asked = [
      ["conversion_audit", "steps"],
      ["traffic_diagnosis", "source"],
      ["weekly_report", "project"],
    ];
    for (const key of readers()) {
      for (const [prompt, argument] of asked) {
        for (const value of ["", "q", "qqvictim", victim.projects[0].id.slice(0, 6)]) {
          for (const project of [victim.projects[0].slug, victim.projects[0].id]) {
            const got = await rpc(url, key, "completion/complete", {
              ref: { type: "ref/prompt", name: prompt },
              argument: { name: argument, value },
              context: { arguments: { project } },
            });
            noneOfTheirs(got.text);
            if (value.startsWith("q")) {
              assert.deepEqual(got.json.result.completion.values, []);
            }
          }
        }
      }
    }
  });

  test("a prompt about their project confirms nothing", async () => {
    const guess = victim.projects[0].slug;
    // The prompt's text holds the time.
    const untimed = (/** @type {Got} */ got) => {
      const text = got.text.replace(/\d{4}-\d\d-\d\dT[0-9:.]+Z/g, "TIME");
      return { ...got, text };
    };
    await indistinguishable(guess, async (project) =>
      untimed(
        await rpc(url, attacker.ak, "prompts/get", {
          name: "weekly_report",
          arguments: { project },
        }),
      ),
    );
  });
});
