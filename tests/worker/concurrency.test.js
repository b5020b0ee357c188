/**
 * A hundred requests in flight at once on one Worker, whose D1 and stores answer late and in no
 * order. Each request asks for something that no other one asks for, and can only be answered by
 * what is its own: a number of events, a name, a key, an id.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { importEvents } from "./support/seed.js";
import { bareRequest, modernRequest } from "./support/requests.js";
import { inTree } from "./support/root.js";
import { ADMIN_TOKEN, startWorker } from "./support/worker.js";

const IN_FLIGHT = 100;
const ROUNDS = 25;
/** Rounds until the memory has its size: first requests fill caches. */
const WARM_UP_ROUNDS = 5;

/** Event `only_n` happened n times in Shop and 2n times in Blog, from source `src_n`. */
const NAMES = 25;
const PER_BLOG = 2;

/** @type {import("./support/worker.js").RunningWorker} */
let worker;

before(async () => {
  worker = await startWorker({ entry: inTree("tests/worker/support/entries/slow.js") });
  await importEvents(worker.url, ADMIN_TOKEN, "prj_shop", uniqueEvents(1));
  await importEvents(worker.url, ADMIN_TOKEN, "prj_blog", uniqueEvents(PER_BLOG));
});
after(() => worker.dispose());

test("no answer is mixed up with another's, and no memory is lost", async () => {
  /** @type {number[]} */
  let settled = [];
  for (let round = 0; round < ROUNDS; round++) {
    const questions = Array.from({ length: IN_FLIGHT }, (_, i) => question(i, `${round}-${i}`));
    const answers = await Promise.all(questions.map(ask));
    questions.forEach(({ check }, i) => check(answers[i]));

    const memories = await (await fetch(`${worker.url}/__test/memory`)).json();
    assert.ok(memories.length > 0, "the Worker made an instance");
    if (round < WARM_UP_ROUNDS) settled = memories;
    else assert.deepEqual(memories, settled, `memory has grown by round ${round}`);
  }
});

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {any} body
 *
 * @typedef {object} Question
 * @property {string} path
 * @property {string} key
 * @property {string} id of the JSON-RPC request
 * @property {import("./support/requests.js").Call} call
 * @property {(answer: Answer) => void} check
 */

/**
 * @param {number} perName
 * @returns {object[]}
 */
function uniqueEvents(perName) {
  const start = Date.now() - 3 * 86_400_000;
  const events = [];
  for (let n = 1; n <= NAMES; n++) {
    for (let i = 0; i < n * perName; i++) {
      events.push({
        event: `only_${n}`,
        event_id: `only-${n}-${i}`,
        timestamp: new Date(start + n * 1000 + i).toISOString(),
        anonymous_id: `visitor-${n}-${i}`,
        url: `https://example.com/?utm_source=src_${n}&utm_medium=test`,
      });
    }
  }
  return events;
}

/**
 * The i-th question of a round. Four kinds of question, each about every name.
 *
 * @param {number} i
 * @param {string} id of the JSON-RPC request
 * @returns {Question}
 */
function question(i, id) {
  const n = (i % NAMES) + 1;
  const event = `only_${n}`;
  const { shop, blog, demo } = worker.keys;
  switch (Math.floor(i / NAMES)) {
    case 0:
      return toolCall("/mcp", shop.rk, id, "get_stats", { event }, (rows) => {
        assert.deepEqual(rows, [{ value: n }]);
      });
    case 1:
      return toolCall("/mcp", blog.sk, id, "top_sources", { event }, (rows) => {
        const [{ source, medium, events }, ...others] = rows;
        assert.deepEqual([source, medium, events], [`src_${n}`, "test", PER_BLOG * n]);
        assert.deepEqual(others, []);
      });
    case 2:
      return toolCall("/mcp/account", demo.ak, id, "compare_projects", { event }, (rows) => {
        assert.deepEqual(
          rows.map((row) => [row.slug, row.value]),
          [
            ["blog", PER_BLOG * n],
            ["shop", n],
          ],
        );
      });
    default:
      return oddQuestion(n, id);
  }
}

/**
 * Questions whose answers are told apart by something else than a number of events.
 *
 * @param {number} n
 * @param {string} id
 * @returns {Question}
 */
function oddQuestion(n, id) {
  const { shop, blog, demo } = worker.keys;
  const event = `only_${n}`;
  switch (n % 5) {
    case 0:
      return toolCall("/mcp", shop.sk, id, "query_events", { event, limit: n }, (rows) => {
        assert.equal(rows.length, n);
        for (const row of rows) assert.equal(row.event_name, event);
      });
    case 1:
      return {
        ...request("/mcp", blog.rk, id, "tools/call", { name: `no_such_${n}` }),
        check({ status, body }) {
          assert.equal(status, 200);
          assert.deepEqual([body.id, body.error.code], [id, -32602]);
          assert.ok(body.error.message.includes(`no_such_${n}`), body.error.message);
        },
      };
    case 2:
      return {
        ...request("/mcp/account", demo.ak, id, "tools/list"),
        check({ body }) {
          assert.equal(body.id, id);
          assert.equal(body.result.tools[0].name, "list_projects");
        },
      };
    case 3:
      return {
        ...request(
          "/mcp",
          `rk_live_nobody${String(n).padStart(2, "0")}_${"x".repeat(24)}`,
          id,
          "ping",
        ),
        check({ status, body }) {
          assert.deepEqual([status, body.error], [401, "invalid_api_key"]);
        },
      };
    default:
      return {
        ...request("/mcp", shop.rk, id, "tools/call", {
          name: "get_stats",
          arguments: { limit: -n },
        }),
        check({ body }) {
          assert.deepEqual([body.id, body.result.isError], [id, true]);
          assert.ok(body.result.content[0].text.includes(`-${n}`), body.result.content[0].text);
        },
      };
  }
}

/**
 * @param {string} path
 * @param {string} key
 * @param {string} id
 * @param {string} name of the tool
 * @param {object} args
 * @param {(rows: any[]) => void} checkRows
 * @returns {Question}
 */
function toolCall(path, key, id, name, args, checkRows) {
  return {
    ...request(path, key, id, "tools/call", { name, arguments: args }),
    check({ status, body }) {
      assert.deepEqual([status, body.id], [200, id], JSON.stringify(body));
      const text = body.result?.content?.[0]?.text;
      assert.equal(typeof text, "string", JSON.stringify(body));
      assert.deepEqual(JSON.parse(text), body.result.structuredContent.rows);
      checkRows(body.result.structuredContent.rows);
    },
  };
}

/**
 * @param {string} path
 * @param {string} key
 * @param {string} id
 * @param {string} method
 * @param {Record<string, unknown>} [params]
 */
const request = (path, key, id, method, params) => ({ path, key, id, call: { method, params } });

/**
 * Every other question is asked in the modern era.
 *
 * @param {Question} question
 * @param {number} i
 * @returns {Promise<Answer>}
 */
async function ask({ path, key, id, call }, i) {
  const make = i % 2 === 0 ? modernRequest : bareRequest;
  const response = await fetch(`${worker.url}${path}`, make(key, call, id));
  const text = await response.text();
  assert.match(text, /^\{/, `${response.status} ${text}\n${worker.output()}`);
  return { status: response.status, body: JSON.parse(text) };
}
