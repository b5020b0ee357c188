/** What can go wrong, and the exit code that tells a script so. */

export const EXIT = /** @type {const} */ ({
  ok: 0,
  refused: 1,
  usage: 2,
  unreachable: 3,
  partial: 4,
  interrupted: 130, // 128 + SIGINT, as shells have it
});

/** A failure whose message is all that the user needs: no stack trace. */
export class CliError extends Error {
  /**
   * @param {number} exit
   * @param {string} message
   * @param {ErrorOptions} [options]
   */
  constructor(exit, message, options) {
    super(message, options);
    this.exit = exit;
  }

  /**
   * What --json calls it; the server's code where the server gave one.
   * @returns {string}
   */
  get code() {
    if (this.exit === EXIT.usage) return "usage";
    return this.exit === EXIT.unreachable ? "unreachable" : "failed";
  }
}

/** What was named does not exist, as a list of the server's shows. */
export class NotFoundError extends CliError {
  /** @param {string} message */
  constructor(message) {
    super(EXIT.refused, message);
  }

  get code() {
    return "not_found";
  }
}

/** The command line is wrong; nothing was asked of the server. */
export class UsageError extends CliError {
  /** @param {string} message */
  constructor(message) {
    super(EXIT.usage, message);
  }
}

/** What a command prints did not arrive. */
export class OutputError extends CliError {
  /** @param {NodeJS.ErrnoException} cause of standard output */
  constructor(cause) {
    const isGone = cause.code === "EPIPE";
    const why = `Cannot write to standard output: ${cause.message}`;
    super(EXIT.partial, isGone ? "Nobody reads the output any more." : why, { cause });
    this.isGone = isGone;
  }
}

/** The server could not be reached, or the answer did not come. */
export class UnreachableError extends CliError {
  /** @param {string} message @param {ErrorOptions} [options] */
  constructor(message, options) {
    super(EXIT.unreachable, message, options);
  }
}

/** The user stopped it; the message says how to go on. */
export class InterruptedError extends CliError {
  /** @param {string} message @param {ErrorOptions} [options] */
  constructor(message, options) {
    super(EXIT.interrupted, message, options);
  }
}

/**
 * @typedef {object} Refusal the body of every error answer
 * @property {string} [error]
 * @property {string} [error_description]
 * @property {{ fieldErrors?: Record<string, string[]>, events?: RefusedEvent[] }} [details]
 *
 * @typedef {object} RefusedEvent
 * @property {number} index
 * @property {Record<string, string[]>} fieldErrors
 */

/** The server answered, and the answer is no. */
export class RefusedError extends CliError {
  #text;

  /**
   * @param {number} status
   * @param {Refusal} body
   * @param {string | null} requestId for the server's log
   */
  constructor(status, body, requestId) {
    const text = refusalText(status, body, requestId);
    super(EXIT.refused, text);
    this.#text = text;
    this.status = status;
    this.body = body;
  }

  get code() {
    return this.body.error ?? "failed";
  }

  /** The server's words, with what the command had to add to them. */
  get description() {
    const { error_description = this.#text } = this.body;
    return error_description + this.message.slice(this.#text.length);
  }
}

/**
 * @param {number} status
 * @param {Refusal} body
 * @param {string | null} requestId
 */
function refusalText(status, body, requestId) {
  const lines = [body.error_description ?? `The server answered ${status}.`];
  for (const [field, messages] of Object.entries(body.details?.fieldErrors ?? {})) {
    for (const message of messages) lines.push(`  ${field} ${message}`.trimEnd());
  }
  const code = [status, body.error].filter(Boolean).join(" ");
  lines.push(`(${code}${requestId === null ? "" : `, request ${requestId}`})`);
  return lines.join("\n");
}
