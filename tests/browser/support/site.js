/**
 * The site whose visitors are counted: every path is a page, with the snippet in it or, below
 * `/plain`, without.
 */
import { createServer } from "node:http";

/**
 * @typedef {object} Embedding
 * @property {string} key
 * @property {string} script where the snippet comes from
 * @property {string} [type] of the script; default: the attribute is left out
 * @property {string} [host] `data-host`; default: the attribute is left out
 * @property {string} [before] script of the page that runs before the snippet
 */

/**
 * @typedef {object} Site
 * @property {string} origin such as `http://localhost:40123`
 * @property {(embedding: Embedding) => void} embed decides what pages look like from now on
 * @property {() => Promise<void>} close
 */

/** @returns {Promise<Site>} */
export async function startSite() {
  /** @type {Embedding | undefined} */
  let embedding;
  const server = createServer((request, response) => {
    const plain = request.url?.startsWith("/plain") || request.url === "/favicon.ico";
    response.setHeader("content-type", "text/html");
    response.end(plain || embedding === undefined ? page("") : page(markup(embedding)));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    origin: `http://localhost:${port}`,
    embed: (next) => (embedding = next),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** @param {string} body */
const page = (body) => `<!doctype html><title>A page</title><body>${body}</body>`;

/** @param {Embedding} embedding */
function markup({ key, script, type, host, before }) {
  const typeAttribute = type === undefined ? "" : ` type="${type}"`;
  const hostAttribute = host === undefined ? "" : ` data-host="${host}"`;
  return (
    `<script>${before ?? ""}</script>` +
    `<script${typeAttribute} src="${script}" data-key="${key}"${hostAttribute}></script>`
  );
}
