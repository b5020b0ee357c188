/** wrangler as a child process: one-off commands, and the development server. */
import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ROOT, UserError, capture } from "../process.js";

const WRANGLER = join(ROOT, "node_modules/.bin/wrangler");

/** Everything that local runs keep: databases, objects, logs. */
export const LOCAL_FOLDER = join(ROOT, ".local");
export const STATE_FOLDER = join(LOCAL_FOLDER, "state");
export const LOG_FILE = join(LOCAL_FOLDER, "wrangler.log");

const ENVIRONMENT = {
  CI: "1", // no questions
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_LOG_PATH: join(LOCAL_FOLDER, "logs"),
  NO_COLOR: "1",
};

/**
 * Runs a command on the local D1 database.
 * @param {string[]} args such as `['migrations', 'apply', 'CONTROL']`
 */
export async function d1(args) {
  const all = ["d1", ...args, "--local", "--persist-to", STATE_FOLDER];
  const { status, output } = await capture(WRANGLER, all, ENVIRONMENT);
  if (status !== 0) throw new UserError(`wrangler ${all.join(" ")} failed:\n${output}`);
}

/** The server, from its start until it has stopped. */
export class DevServer {
  #child;
  #recent = /** @type {string[]} */ ([]);

  /** Resolves when the process has ended. */
  ended;

  /** Whether it was told to stop. */
  stopping = false;

  /** @param {number} port */
  constructor(port) {
    mkdirSync(LOCAL_FOLDER, { recursive: true });
    // A name of its own, so that renaming a deployment leaves the local state in place.
    const args = ["dev", "--local", "--name", "millimetric-local", "--persist-to", STATE_FOLDER];
    args.push("--ip", "127.0.0.1", "--port", String(port), "--inspector-port", "0");
    args.push("--show-interactive-dev-session=false");
    this.#child = spawn(WRANGLER, args, {
      cwd: ROOT,
      env: { ...process.env, ...ENVIRONMENT },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true, // a group of its own: Ctrl-C reaches us only, and we stop all of it
    });
    this.ended = new Promise((resolve) => this.#child.on("close", resolve));
    const log = createWriteStream(LOG_FILE);
    const noise = new NoiseFilter();
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        log.write(`${line}\n`);
        this.#recent = [...this.#recent, line].slice(-60);
        if (noise.keeps(line) && !this.stopping) console.error(line);
      });
    }
  }

  /** The last lines that wrangler printed. */
  get recentOutput() {
    return this.#recent.join("\n");
  }

  /** Ends the process and its children. */
  async stop() {
    this.stopping = true;
    this.#signal("SIGTERM");
    const timer = setTimeout(() => this.#signal("SIGKILL"), 5000);
    await this.ended;
    clearTimeout(timer);
    this.#signal("SIGKILL"); // whatever of the group outlived its leader
  }

  /** @param {NodeJS.Signals} signal */
  #signal(signal) {
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch {
      // The group is gone already.
    }
  }
}

/** Tells errors and the Worker's own lines from wrangler's chatter. */
class NoiseFilter {
  #started = false;
  #level = "";

  /** @param {string} line */
  keeps(line) {
    const level = /^\[wrangler:(\w+)\]/.exec(line)?.[1] ?? (/\[ERROR\]/.test(line) ? "error" : "");
    if (level) {
      this.#level = level;
      this.#started ||= line.includes("Ready on");
      return level === "error";
    }
    if (this.#level === "error") return true;
    // A stack trace belongs to the warning before it; other lines come from the Worker.
    if (this.#level === "warn" && /^(\w*Error:|\s+at )/.test(line)) return false;
    return this.#started && line.trim() !== "";
  }
}
