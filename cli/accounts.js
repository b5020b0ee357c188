/** Accounts as users name them: by id. */
import { NotFoundError } from "./errors.js";
import { didYouMean, plain } from "./text.js";
import { MM } from "./name.js";

/**
 * @typedef {object} Account
 * @property {string} account_id
 * @property {string} name
 * @property {string} plan
 * @property {string} created_at
 * @property {number} projects
 */

/**
 * The account that a list is to be of. For one that there is not, the server's list would be empty.
 * @param {import("./client.js").Client} client
 * @param {string | undefined} id undefined: all accounts
 * @returns {Promise<string | undefined>} the same
 */
export async function knownAccount(client, id) {
  if (id === undefined) return undefined;
  /** @type {Account[]} */
  const accounts = (await client.get("/admin/accounts")).json.rows;
  const ids = accounts.map((account) => account.account_id);
  if (ids.includes(id)) return id;
  throw new NotFoundError(
    `There is no account "${plain(id)}".${didYouMean(id, ids)} See: ${MM} accounts list`,
  );
}
