/** Projects as users name them: by id or by slug. */
import { CliError, EXIT, NotFoundError } from "./errors.js";
import { didYouMean, plain } from "./text.js";
import { MM } from "./name.js";

/**
 * @typedef {object} Project
 * @property {string} project_id
 * @property {string} account_id
 * @property {string} slug
 * @property {string} name
 * @property {string[]} origins
 * @property {number | null} retention_days 0: for ever; null: the plan's
 * @property {number} effective_retention_days
 * @property {string} created_at
 */

/**
 * @param {import("./client.js").Client} client
 * @param {string} name
 * @param {import("./client.js").Ask} [options]
 * @returns {Promise<Project>}
 */
export async function findProject(client, name, options) {
  /** @type {Project[]} */
  const projects = (await client.ask("GET", "/admin/projects", options)).json.rows;
  const byId = projects.find((project) => project.project_id === name);
  if (byId !== undefined) return byId;
  const bySlug = projects.filter((project) => project.slug === name);
  if (bySlug.length === 1) return bySlug[0];
  if (bySlug.length === 0) {
    const hint = didYouMean(
      name,
      projects.flatMap((project) => [project.slug, project.project_id]),
    );
    throw new NotFoundError(
      `There is no project "${plain(name)}".${hint} See: ${MM} projects list`,
    );
  }
  const those = bySlug.map(
    (p) => `  ${p.project_id}  ${plain(p.name)}, of account ${p.account_id}`,
  );
  throw new CliError(
    EXIT.refused,
    `Several projects have the slug "${plain(name)}"; give the id of one:\n${those.join("\n")}`,
  );
}
