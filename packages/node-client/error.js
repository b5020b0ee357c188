/** Why events were not stored, as `onError` gets it. */
export class MillimetricError extends Error {
  /**
   * @param {string} code the server's, such as `invalid_payload`; or of this client: `queue_full`,
   *   `invalid_event`, `shut_down`
   * @param {string} message
   * @param {{ status?: number, details?: unknown }} [more]
   */
  constructor(code, message, { status, details } = {}) {
    super(message);
    this.name = "MillimetricError";
    this.code = code;
    /** The answer's HTTP status, when a server refused. */
    this.status = status;
    /** What the server told besides: `fieldErrors` by field for a wrong event. */
    this.details = details;
  }
}
