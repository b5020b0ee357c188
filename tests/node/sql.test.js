/** What a store's SQL effects are on a database that answers at once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openDatabase } from "../../host-js/node-sqlite.js";
import { performSql } from "../../host-js/sql.js";

/** @param {string[]} texts */
const effect = (...texts) => ({
  id: 1,
  kind: /** @type {const} */ ("sql"),
  statements: texts.map((sql) => ({ sql, params: [] })),
});

/** @param {import("node:test").TestContext} t */
function openTable(t) {
  const database = openDatabase();
  t.after(() => database.close());
  const transactions = t.mock.method(database, "transaction");
  performSql(database, effect("CREATE TABLE kept (n INTEGER PRIMARY KEY)"));
  const kept = () => performSql(database, effect("SELECT n FROM kept ORDER BY n")).results[0].cells;
  return { database, transactions, kept };
}

test("several statements are one transaction: all are done, or none", (t) => {
  const { database, transactions, kept } = openTable(t);
  const insert = (/** @type {number} */ n) => `INSERT INTO kept VALUES (${n})`;
  performSql(database, effect(insert(1), insert(2)));
  assert.equal(transactions.mock.callCount(), 1);
  assert.throws(() => performSql(database, effect(insert(3), insert(1))));
  assert.deepEqual(kept().map(Number), [1, 2]);
});

test("a statement by itself has no transaction around it, and is done or not, too", (t) => {
  const { database, transactions, kept } = openTable(t);
  performSql(database, effect("INSERT INTO kept VALUES (1), (2)"));
  assert.throws(() => performSql(database, effect("INSERT INTO kept VALUES (3), (1)")));
  assert.equal(transactions.mock.callCount(), 0);
  assert.deepEqual(kept().map(Number), [1, 2]);
});
