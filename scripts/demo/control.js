/** The demo's control plane: accounts, projects and keys, as rows and as SQL for D1. */
import { createHmac } from "node:crypto";

/** Every demo key ends in this; it opens nothing but a local server's demo. */
const SECRET = "local-development-only-secret";

const DAY = 86_400_000;

/**
 * @typedef {object} Project
 * @property {string} id
 * @property {string} slug
 * @property {string} name
 * @property {string[]} origins from which browsers may send
 * @property {number | null} retentionDays 0: for ever; null: the plan's
 */

/**
 * @typedef {object} Key
 * @property {string} prefix
 * @property {string} kind
 * @property {string | null} projectId null for an account's key, which sees all its projects
 */

/**
 * @typedef {object} Account
 * @property {string} id
 * @property {string} name
 * @property {string} plan
 * @property {Project[]} projects
 * @property {Key[]} keys
 */

/**
 * @param {string} slug
 * @param {string} name
 * @param {Partial<Project>} [settings]
 * @returns {Project}
 */
function project(slug, name, settings = {}) {
  return { id: `prj_${slug}`, slug, name, origins: [], retentionDays: null, ...settings };
}

/**
 * @param {string} prefix four letters of the project or account, the key's kind, a number
 * @param {string | null} slug
 * @returns {Key}
 */
function key(prefix, slug) {
  return {
    prefix,
    kind: prefix.slice(4, 6),
    projectId: slug === null ? null : `prj_${slug}`,
  };
}

/** @type {Account[]} */
export const DEMO = [
  {
    id: "acc_demo",
    name: "Demo",
    plan: "business",
    projects: [
      project("shop", "Shop", { origins: ["http://localhost:3000"], retentionDays: 0 }),
      project("blog", "Blog", { retentionDays: 0 }),
    ],
    keys: [
      key("shoppk01", "shop"),
      key("shopsk01", "shop"),
      key("shoprk01", "shop"),
      key("blogsk01", "blog"),
      key("blogrk01", "blog"),
      key("demoak01", null),
    ],
  },
  {
    id: "acc_solo",
    name: "Solo",
    plan: "pro",
    projects: [project("solo", "Solo")],
    keys: [key("solosk01", "solo"), key("solork01", "solo"), key("soloak01", null)],
  },
  {
    id: "acc_hobby",
    name: "Hobby",
    plan: "free",
    projects: [project("hobby", "Hobby")],
    keys: [key("hobbsk01", "hobby"), key("hobbrk01", "hobby"), key("hobbak01", null)],
  },
  { id: "acc_empty", name: "Empty", plan: "business", projects: [], keys: [key("emptak01", null)] },
];

/**
 * @param {Key} item
 * @returns {string} the key as a client sends it
 */
export function keyText(item) {
  return `${item.kind}_live_${item.prefix}_${SECRET}`;
}

/**
 * The demo's rows. They may be written again: rows that are there are brought up to date, and
 * whatever else the database holds stays.
 * @param {string} pepper the deployment's secret under which keys are hashed
 * @param {number} midnight the start of the seeding's UTC day, in milliseconds
 * @returns {string} SQL, one statement per line
 */
export function controlSql(pepper, midnight) {
  const createdAt = midnight - 60 * DAY;
  const secretHash = createHmac("sha256", pepper).update(SECRET).digest("hex");
  const lines = [];
  for (const { id, name, plan, projects, keys } of DEMO) {
    lines.push(upsert("accounts", { id, name, plan, created_at: createdAt }));
    for (const item of projects) {
      lines.push(
        upsert("projects", {
          id: item.id,
          account_id: id,
          slug: item.slug,
          name: item.name,
          origins: JSON.stringify(item.origins),
          retention_days: item.retentionDays,
          created_at: createdAt,
        }),
      );
    }
    for (const item of keys) {
      lines.push(
        upsert("api_keys", {
          prefix: item.prefix,
          kind: item.kind,
          env: "live",
          secret_hash: secretHash,
          account_id: id,
          project_id: item.projectId,
          all_projects: item.projectId === null ? 1 : 0,
          label: "Demo",
          created_at: createdAt,
          revoked_at: null,
        }),
      );
    }
  }
  return lines.join("\n");
}

/**
 * @param {string} table its first column is the primary key
 * @param {Record<string, string | number | null>} row
 */
function upsert(table, row) {
  const [primary, ...others] = Object.keys(row);
  const values = Object.values(row).map(literal).join(", ");
  const changes = others.map((column) => `${column} = excluded.${column}`).join(", ");
  return (
    `INSERT INTO ${table} (${Object.keys(row).join(", ")}) VALUES (${values}) ` +
    `ON CONFLICT (${primary}) DO UPDATE SET ${changes};`
  );
}

/** @param {string | number | null} value */
function literal(value) {
  if (value === null) return "NULL";
  return typeof value === "number" ? String(value) : `'${value.replaceAll("'", "''")}'`;
}
