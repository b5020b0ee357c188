/**
 * The byte frames of core/host/frames.h: requests and answers written, effects and responses read.
 *
 * @typedef {null | number | bigint | string | Uint8Array} Value
 * @typedef {{ sql: string, params: Value[] }} Statement
 * @typedef {{ width: number, cells: Value[] }} Rows
 *
 * @typedef {{ id: number, kind: "sql", statements: Statement[] }} SqlEffect
 * @typedef {{ id: number, kind: "store", store: string, request: Uint8Array }} StoreEffect
 * @typedef {{ id: number, kind: "hmac", key: Uint8Array | null, data: Uint8Array[] }} HmacEffect
 *   of each text, with the deployment's pepper where `key` is null
 * @typedef {{ id: number, kind: "random", size: number }} RandomEffect
 * @typedef {{ id: number, kind: "wake", afterMs: number }} WakeEffect
 * @typedef {SqlEffect | StoreEffect | HmacEffect | RandomEffect | WakeEffect} Effect
 *
 * @typedef {{ results: Rows[] }} RowsAnswer
 * @typedef {{ failure: string } | RowsAnswer | Uint8Array} Answer
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** How much of a request's body came. */
const BODY_WHOLE = 0;
const BODY_CUT = 1;
const BODY_BROKEN = 2;

/** Value types on the wire. */
const NULL = 0;
const INTEGER = 1;
const REAL = 2;
const TEXT = 3;
const BLOB = 4;

/** What the core asks for. */
const EFFECT_SQL = 1;
const EFFECT_STORE = 2;
const EFFECT_HMAC = 3;
const EFFECT_RANDOM = 4;
const EFFECT_WAKE = 5;

/** Bytes from here on are not copied into a frame's buffer, but once, to where the frame goes. */
const LEAST_APART = 4096;

/** Texts up to here are mostly ASCII, and encoded sooner than the runtime is asked to. */
const MOST_SHORT = 256;
const FIRST_BEYOND_ASCII = 0x80;
const HIGH_WORD = 2 ** 32;

/** Appends little-endian fields to a buffer that grows; reused from frame to frame. */
export class FrameWriter {
  #bytes = new Uint8Array(16 * 1024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  #textBegins = 0;
  /** @type {{ at: number, bytes: Uint8Array }[]} which belong before the buffer's place `at` */
  #apart = [];
  #apartLength = 0;

  /** Begins a new frame. */
  reset() {
    this.#length = 0;
    this.#apart.length = 0;
    this.#apartLength = 0;
    return this;
  }

  /** The frame's length in bytes. */
  get length() {
    return this.#length + this.#apartLength;
  }

  /** @returns {Uint8Array} the frame; valid until the next write */
  get frame() {
    if (this.#apart.length === 0) return this.#bytes.subarray(0, this.#length);
    const whole = new Uint8Array(this.length);
    this.copyTo(whole, 0);
    return whole;
  }

  /**
   * @param {Uint8Array} target with room for the frame
   * @param {number} to where it begins
   */
  copyTo(target, to) {
    let from = 0;
    for (const { at, bytes } of this.#apart) {
      target.set(this.#bytes.subarray(from, at), to);
      to += at - from;
      target.set(bytes, to);
      to += bytes.length;
      from = at;
    }
    target.set(this.#bytes.subarray(from, this.#length), to);
  }

  /** @param {number} v */
  u8(v) {
    this.#room(1);
    this.#bytes[this.#length++] = v;
    return this;
  }

  /** @param {number} v */
  u32(v) {
    this.#room(4);
    this.#view.setUint32(this.#length, v, true);
    this.#length += 4;
    return this;
  }

  /** @param {bigint} v */
  i64(v) {
    this.#room(8);
    this.#view.setBigInt64(this.#length, v, true);
    this.#length += 8;
    return this;
  }

  /** @param {number} v */
  f64(v) {
    this.#room(8);
    this.#view.setFloat64(this.#length, v, true);
    this.#length += 8;
    return this;
  }

  /** @param {number} v a safe integer, written as `i64` would, without a bigint of it */
  integer(v) {
    this.#room(8);
    this.#view.setUint32(this.#length, v >>> 0, true);
    this.#view.setInt32(this.#length + 4, Math.floor(v / HIGH_WORD), true);
    this.#length += 8;
    return this;
  }

  /** @param {string} s */
  text(s) {
    return this.beginText().part(s).endText();
  }

  /** Begins a text in parts: to join them first would make one more text of each. */
  beginText() {
    this.u32(0);
    this.#textBegins = this.#length;
    return this;
  }

  /** @param {string} s */
  part(s) {
    this.#room(s.length * 3); // UTF-8 takes at most three bytes for each UTF-16 unit
    if (s.length <= MOST_SHORT && this.#ascii(s)) return this;
    this.#length += encoder.encodeInto(s, this.#bytes.subarray(this.#length)).written;
    return this;
  }

  endText() {
    this.#view.setUint32(this.#textBegins - 4, this.#length - this.#textBegins, true);
    return this;
  }

  /**
   * @param {string} s for which there is room
   * @returns {boolean} whether it was ASCII; otherwise nothing was written
   */
  #ascii(s) {
    const bytes = this.#bytes;
    const at = this.#length;
    for (let i = 0; i < s.length; i++) {
      const code = s.charCodeAt(i);
      if (code >= FIRST_BEYOND_ASCII) return false;
      bytes[at + i] = code;
    }
    this.#length += s.length;
    return true;
  }

  /** @param {Uint8Array} b not to be changed before the frame is copied */
  bytes(b) {
    if (b.length >= LEAST_APART) {
      this.u32(b.length);
      this.#apart.push({ at: this.#length, bytes: b });
      this.#apartLength += b.length;
      return this;
    }
    this.#room(4 + b.length);
    this.#view.setUint32(this.#length, b.length, true);
    this.#bytes.set(b, this.#length + 4);
    this.#length += 4 + b.length;
    return this;
  }

  /** @param {Value | undefined} v */
  value(v) {
    if (v === null || v === undefined) return this.u8(NULL);
    if (typeof v === "string") return this.u8(TEXT).text(v);
    if (typeof v === "bigint") return this.u8(INTEGER).i64(v);
    if (typeof v === "number") {
      return Number.isSafeInteger(v) ? this.u8(INTEGER).integer(v) : this.u8(REAL).f64(v);
    }
    return this.u8(BLOB).bytes(v instanceof ArrayBuffer ? new Uint8Array(v) : v);
  }

  /** @param {number} more */
  #room(more) {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** Reads little-endian fields. The bytes come from the core, so they are trusted to be whole. */
export class FrameReader {
  #bytes;
  #view;
  #at;
  #end;

  /**
   * @param {Uint8Array} bytes what the frame lies in
   * @param {DataView} view of the same
   * @param {number} at where it begins
   * @param {number} length
   */
  constructor(bytes, view, at, length) {
    this.#bytes = bytes;
    this.#view = view;
    this.#at = at;
    this.#end = at + length;
  }

  /** @param {Uint8Array} bytes a frame by itself */
  static of(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new FrameReader(bytes, view, 0, bytes.length);
  }

  u8() {
    return this.#bytes[this.#at++];
  }
  u16() {
    this.#at += 2;
    return this.#view.getUint16(this.#at - 2, true);
  }
  u32() {
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4, true);
  }
  /** @returns {number | bigint} a number where it can say it exactly: most databases take no other */
  i64() {
    this.#at += 8;
    const low = this.#view.getUint32(this.#at - 8, true);
    const rounded = this.#view.getInt32(this.#at - 4, true) * HIGH_WORD + low;
    return Number.isSafeInteger(rounded) ? rounded : this.#view.getBigInt64(this.#at - 8, true);
  }
  f64() {
    this.#at += 8;
    return this.#view.getFloat64(this.#at - 8, true);
  }
  /** @returns {Uint8Array} a copy, since the core's memory changes with its next call */
  bytes() {
    const length = this.u32();
    this.#at += length;
    return this.#bytes.slice(this.#at - length, this.#at);
  }
  /** @returns {Uint8Array} a copy of what has not been read yet */
  rest() {
    return this.#bytes.slice(this.#at, this.#end);
  }
  skip() {
    const length = this.u32();
    this.#at += length;
  }
  text() {
    const length = this.u32();
    this.#at += length;
    return decoder.decode(this.#bytes.subarray(this.#at - length, this.#at));
  }
  /** @returns {Value} */
  value() {
    switch (this.u8()) {
      case INTEGER:
        return this.i64();
      case REAL:
        return this.f64();
      case TEXT:
        return this.text();
      case BLOB:
        return this.bytes();
      default:
        return null;
    }
  }
  /**
   * @template T
   * @param {() => T} read
   */
  list(read) {
    return Array.from({ length: this.u32() }, read);
  }
}

/**
 * @param {FrameWriter} out
 * @param {{ now: number, seed: Uint8Array }} moment
 */
export function writeMoment(out, { now, seed }) {
  return out.integer(now).bytes(seed);
}

/**
 * @param {FrameWriter} out
 * @param {{ now: number, seed: Uint8Array }} moment
 * @param {Request} request
 * @param {{ bytes: Uint8Array, cut: boolean, broken?: boolean }} body
 */
export function writeHttpRequest(out, moment, request, body) {
  writeMoment(out, moment).beginText().part(request.method).part("\n").part(target(request.url));
  // A loop over them would make an iterator, and an array of each.
  request.headers.forEach((value, name) => out.part("\n").part(name).part("\n").part(value));
  return out
    .endText()
    .u8(body.broken ? BODY_BROKEN : body.cut ? BODY_CUT : BODY_WHOLE)
    .bytes(body.bytes);
}

/** @param {string} url an absolute URL; its path and query */
function target(url) {
  const path = url.indexOf("/", url.indexOf("//") + 2);
  return path < 0 ? "/" : url.slice(path);
}

/**
 * @param {FrameReader} reader
 * @param {boolean} [wantsLog] converting a text costs time; without it `log` is empty
 * @returns {{ status: number, headers: Record<string, string>, log: string, body: Uint8Array }}
 */
export function readHttpResponse(reader, wantsLog = true) {
  const status = reader.u16();
  const lines = reader.text().split("\n");
  /** @type {Record<string, string>} */
  const headers = {};
  for (let i = 0; i + 1 < lines.length; i += 2) headers[lines[i]] = lines[i + 1];
  const log = wantsLog ? reader.text() : (reader.skip(), "");
  return { status, headers, log, body: reader.bytes() };
}

/** @param {FrameReader} reader of a list of byte strings */
export function readList(reader) {
  return reader.list(() => reader.bytes());
}

/**
 * @param {FrameReader} reader
 * @returns {Effect[]}
 */
export function readEffects(reader) {
  return reader.list(() => readEffect(reader));
}

/**
 * @param {FrameReader} reader
 * @returns {Effect}
 */
function readEffect(reader) {
  const id = reader.u32();
  switch (reader.u8()) {
    case EFFECT_SQL: {
      const statements = reader.list(() => ({
        sql: reader.text(),
        params: reader.list(() => reader.value()),
      }));
      return { id, kind: "sql", statements };
    }
    case EFFECT_STORE:
      return { id, kind: "store", store: reader.text(), request: reader.bytes() };
    case EFFECT_HMAC: {
      const given = reader.u8() === 1;
      const key = reader.bytes();
      const data = reader.list(() => reader.bytes());
      return { id, kind: "hmac", key: given ? key : null, data };
    }
    case EFFECT_RANDOM:
      return { id, kind: "random", size: reader.u32() };
    case EFFECT_WAKE:
      return { id, kind: "wake", afterMs: Number(reader.i64()) };
    default:
      throw new Error("the core asked for an effect of an unknown kind");
  }
}

/**
 * @param {FrameWriter} out
 * @param {Answer} answer
 */
export function writeAnswer(out, answer) {
  if (answer instanceof Uint8Array) return out.u8(2).bytes(answer);
  if ("failure" in answer) return out.u8(0).text(answer.failure);
  out.u8(1).u32(answer.results.length);
  for (const { width, cells } of answer.results) {
    out.u32(width).u32(cells.length);
    for (const cell of cells) out.value(cell);
  }
  return out;
}
