/** An export's pages, one after the other. */
import { CliError, EXIT } from "../errors.js";
import { splitRows } from "./rows.js";

export class Pages {
  #client;
  #query;
  #interruption;
  /** @type {string | null | undefined} null: there is no further page */
  #next;

  /**
   * Behind the last page that was confirmed; undefined: at the start.
   * @type {string | undefined}
   */
  cursor;

  /**
   * @param {import("../client.js").Client} client
   * @param {Record<string, string | number | undefined>} query
   * @param {import("../io.js").Interruption} interruption
   * @param {string | undefined} cursor
   */
  constructor(client, query, interruption, cursor) {
    this.#client = client;
    this.#query = query;
    this.#interruption = interruption;
    this.#next = this.cursor = cursor;
  }

  get interrupted() {
    return this.#interruption.stop.aborted;
  }

  /** @returns {Promise<Buffer[] | undefined>} undefined after the last page */
  async next() {
    if (this.#next === null) return undefined;
    this.#interruption.stop.throwIfAborted();
    const query = { ...this.#query, cursor: this.#next };
    const { bytes } = await this.#client.ask("GET", "/admin/export", {
      query,
      ...this.#interruption,
    });
    const { rows, rest } = splitRows(bytes);
    const next = typeof rest.next_cursor === "string" ? rest.next_cursor : null;
    if (next !== null && next === this.#next) {
      throw new CliError(EXIT.refused, "The server repeats a cursor.");
    }
    this.#next = next;
    return rows;
  }

  /** The page's rows are where they belong. */
  confirm() {
    if (typeof this.#next === "string") this.cursor = this.#next;
  }
}
