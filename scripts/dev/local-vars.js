/** The local server's variables, in the file that wrangler reads: made once, kept out of git. */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../process.js";

const FILE = join(ROOT, ".dev.vars");

/** Pages of this machine, on any port. */
export const LOCAL_ORIGINS = ["localhost", "127.0.0.1", "[::1]"]
  .flatMap((host) => [`http://${host}:*`, `https://${host}:*`])
  .join(",");

/** @type {Record<string, () => string>} each variable and how its first value is made */
const VARIABLES = {
  PEPPER: secret,
  ADMIN_TOKEN: secret,
  MCP_ALLOWED_ORIGINS: () => LOCAL_ORIGINS,
};

function secret() {
  return randomBytes(32).toString("base64url");
}

/**
 * Reads the file, adding the variables that it lacks.
 * @returns {Record<string, string>}
 */
export function localVars() {
  const text = existsSync(FILE) ? readFileSync(FILE, "utf8") : "";
  /** @type {Record<string, string>} */
  const vars = {};
  for (const [, name, value] of text.matchAll(/^\s*(\w+)\s*=\s*"?(.*?)"?\s*$/gm)) {
    vars[name] = value;
  }
  let added = "";
  for (const [name, make] of Object.entries(VARIABLES)) {
    if (vars[name]) continue;
    vars[name] = make();
    added += `${name}="${vars[name]}"\n`;
  }
  if (added) {
    const gap = text === "" || text.endsWith("\n") ? "" : "\n";
    writeFileSync(FILE, `${text}${gap}${added}`, { mode: 0o600 });
  }
  return vars;
}
