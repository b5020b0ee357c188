/**
 * The browser snippet, served as /v1/a.js:
 *
 *   <script async src="https://HOST/v1/a.js" data-key="pk_live_..."></script>
 *
 * Calls may come before the script has: `(window.mm = window.mm || []).push(["track", "signup"])`.
 *
 * It is a guest on the page. It never throws, and it must stay within 2 KB gzipped; that is why it is
 * one file in the syntax of ES5, which the minifier only shortens. Everything tracked waits in one
 * queue and leaves it from the front, so order holds, and carries its id from the start, so sending
 * again stores nothing twice.
 */
/* global window, document, history */
/* eslint no-var: "off", object-shorthand: "off", no-unused-vars: ["error", { caughtErrors: "none" }] */
(function (window, document, navigator) {
  /** Events that are sent without waiting for more, and the most that a first attempt sends. */
  var BATCH_EVENTS = 20;
  /** Events that one request may hold when there is a backlog or the page goes away. */
  var BACKLOG_EVENTS = 500;
  var FLUSH_MS = 2000;
  /** A request without an answer for so long has failed; until then it holds up all others. */
  var ANSWER_MS = 30000;
  /** Browsers allow 64 KiB on the way for requests that outlive the page, all of them together. */
  var MAX_BYTES = 6e4;
  /** Events kept while the server is out of reach; beyond it the oldest are dropped. */
  var MAX_QUEUE = 1000;
  /** The back-off is 1 s, doubled with each failure up to 64 s; a server may ask for up to 11 days. */
  var MAX_DOUBLINGS = 6;
  var MAX_WAIT_S = 1e6;
  /** The server's limit for addresses. */
  var MAX_URL = 2048;
  /** And for names of users, and of visitors. */
  var MAX_USER = 256;
  var MAX_VISITOR = 128;
  var STORAGE_KEY = "mm_aid";
  /** How the text of an event begins, as long as it says when the event was. */
  var TIMESTAMP = /^{"timestamp":"[^"]*",/;

  /**
   * What waits: its number, its JSON text (so that later changes of the page's objects do not reach
   * it, and an object without a JSON text harms only itself) and the bytes of that text.
   * @typedef {[number, string, number]} Waiting
   */
  /** @type {Waiting[]} */
  var queue = [];
  /** The number of the newest event, and of the newest one that should be sent without delay. */
  var newest = 0;
  var due = 0;
  /** How many events the next request may hold. */
  var size = BATCH_EVENTS;
  /** Bytes on the way. */
  var flying = 0;
  /** @type {Promise<unknown>} settles when the requests of a flush are over */
  var flight = Promise.resolve();
  /** Attempts that failed in a row. */
  var failures = 0;
  var timer = 0;
  /** Whether the timer ends a pause that the server has asked for. */
  var paused = false;
  /** Whether the page's listeners are just being told that it goes. */
  var leaving = false;
  /** Whether the visitor's clock seems to be wrong, so that the server's time has to count. */
  var timeless = false;
  /** @type {string | undefined} */
  var userId;
  /** @type {string | null | undefined} */
  var visitor;
  /** Where the last page view was (path and query, whole URL), and what it came from. */
  var place = "";
  var url = "";
  var referrer = document.referrer;

  /**
   * Nothing that goes wrong in here may reach the page.
   * @template {(...args: any[]) => any} F
   * @param {F} action
   * @returns {(...args: Parameters<F>) => ReturnType<F> | undefined}
   */
  function safe(action) {
    return function () {
      try {
        return action.apply(null, /** @type {any} */ (arguments));
      } catch (error) {
        return;
      }
    };
  }

  /** A random UUID; `crypto.randomUUID` is missing on pages without TLS. */
  function uuid() {
    return "10000000-1000-4000-8000-100000000000".replace(/[018]/g, function (digit) {
      var random = crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (+digit / 4));
      return (+digit ^ random).toString(16);
    });
  }

  /**
   * @param {string} event
   * @param {object} [properties]
   * @returns {void}
   */
  function track(event, properties) {
    if (off) return;
    var text = JSON.stringify({
      event: event,
      event_id: uuid(),
      anonymous_id: visitor,
      user_id: userId,
      // Without the fragment: it may hold tokens, and it is no other page.
      url: location.href.split("#")[0].slice(0, MAX_URL),
      path: location.pathname.slice(0, MAX_URL),
      referrer: referrer.slice(0, MAX_URL),
      properties: properties,
    });
    // Whoever made the page in advance may never show it: this counts when, and if, it is seen.
    if (prerendering()) onShown(enqueue.bind(null, text));
    else enqueue(text);
  }

  /** @param {string} text of an event, but for the time, which is now */
  function enqueue(text) {
    text = '{"timestamp":' + JSON.stringify(new Date()) + "," + text.slice(1);
    var bytes = new Blob([text]).size + 1;
    // The server would refuse it, and it would block the way for all others.
    if (bytes >= MAX_BYTES) return;
    queue.push([++newest, text, bytes]);
    bound();
    // A page that goes may have listeners of its own, called after the one below; what they track
    // together leaves together.
    if (leaving) Promise.resolve().then(safe(leave));
    else if (queue.length % BATCH_EVENTS || failures) later(FLUSH_MS);
    else flush();
  }

  /**
   * Stored by the server as this event, whether sent alone or among others; among others it keeps its
   * place. The user is not written down: the server knows the visitor by now, and whoever uses this
   * browser next should not find the name.
   * @param {string} user
   * @param {object} [traits]
   */
  function identify(user, traits) {
    // The server would refuse it, and every later event with it.
    if (!user || (user + "").length > MAX_USER) return;
    userId = user + "";
    track("$identify", traits);
  }

  function page() {
    // A page that is loaded in advance, in the hope of a visit, was not visited yet.
    if (prerendering()) return;
    var here = location.href.split("#")[0];
    if (url && url !== here) referrer = url;
    url = here;
    place = location.pathname + location.search;
    track("$pageview");
  }

  /** Routers call the history more often than they show another page, and before any is shown. */
  function navigated() {
    if (place && place !== location.pathname + location.search) page();
  }

  function prerendering() {
    return /** @type {any} */ (document).prerendering;
  }

  /** @param {() => void} action for when a page that was made in advance is seen */
  function onShown(action) {
    document.addEventListener("prerenderingchange", safe(action));
  }

  function bound() {
    if (queue.length > MAX_QUEUE) queue = queue.slice(-MAX_QUEUE);
  }

  function stopTimer() {
    clearTimeout(timer);
    timer = 0;
    paused = false;
  }

  /** @param {number} delay in milliseconds, unless something is waited for already */
  function later(delay) {
    timer =
      timer ||
      setTimeout(
        safe(function () {
          stopTimer();
          flush();
        }),
        delay,
      );
  }

  /**
   * Sends what waits now, in requests one after the other; in a pause, when that is over.
   * @returns {Promise<unknown>} never rejects
   */
  function flush() {
    due = newest;
    return flying || paused ? flight : send();
  }

  /**
   * The page may never run again: whatever fits is sent at once, beside what is on the way, and even
   * in a pause. If it does run, in the background, the next task is one like any other.
   */
  function leave() {
    leaving = true;
    setTimeout(function () {
      leaving = false;
    });
    due = newest;
    size = BACKLOG_EVENTS;
    send();
  }

  /**
   * Sends the queue's front.
   * @returns {Promise<unknown>} never rejects
   */
  function send() {
    var bytes = 0;
    var count = 0;
    while (count < size && count < queue.length && flying + bytes + queue[count][2] < MAX_BYTES) {
      bytes += queue[count++][2];
    }
    if (!count) return flight;
    if (!paused) stopTimer();
    var batch = queue.splice(0, count);
    flying += bytes;
    // One event, or several with commas between.
    var body =
      "" +
      batch.map(function (waiting) {
        return timeless ? waiting[1].replace(TIMESTAMP, "{") : waiting[1];
      });
    var timed = !timeless;

    /** @param {Response | void} answer none when the network failed */
    function settle(answer) {
      var status = answer ? answer.status : 0;
      var refused = count > 1 ? status === 400 || status === 413 : status === 400 && timed;
      var again = !status || status > 499 || status === 429 || status === 408;
      var asked = (again && answer && Number(answer.headers.get("retry-after"))) || 0;
      flying -= bytes;
      // An answer is no part of the page's going, and hidden pages have slow timers.
      leaving = false;
      // A lone event's time may be what was wrong, and then that of all others is; it goes once more.
      if (status === 400 && count < 2) timeless = timed;
      if (refused || again) {
        queue = batch.concat(queue).sort(function (a, b) {
          return a[0] - b[0];
        });
        bound();
      }
      // By the answer to a request beside this one, or before it.
      if (paused && !asked) return;
      if (again) {
        // What has gathered meanwhile goes in fewer, larger requests.
        size = BACKLOG_EVENTS;
        var wait = Math.max(Math.min(asked, MAX_WAIT_S), 1 << failures);
        if (failures < MAX_DOUBLINGS) failures++;
        stopTimer();
        paused = asked > 0;
        return later(wait * (1000 + Math.random() * 500));
      }
      failures = 0;
      // Of a batch that was refused for one event's sake the others are to be stored: halves find it.
      size = refused
        ? count >> 1 || 1
        : queue.length < BATCH_EVENTS
          ? BATCH_EVENTS
          : Math.max(size, BATCH_EVENTS);
      // Otherwise the one that is still on the way goes on when it is back.
      if (!flying && queue.length) {
        if (refused || queue[0][0] <= due) return send();
        later(FLUSH_MS);
      }
    }

    /** @type {Promise<Response>} */
    var request = new Promise(function (resolve) {
      var abort = window.AbortController && new AbortController();
      setTimeout(
        safe(function () {
          abort.abort();
        }),
        ANSWER_MS,
      );
      resolve(
        // All visitors of a project share its rate limits, and the one of batches is far lower.
        fetch(host + "/v1/" + (count > 1 ? "batch" : "track"), {
          method: "POST",
          // Whenever the page goes away, what is on the way arrives.
          keepalive: true,
          credentials: "omit",
          headers: { "Content-Type": "application/json", Authorization: "Bearer " + key },
          body: count > 1 ? '{"events":[' + body + "]}" : body,
          signal: abort && abort.signal,
        }),
      );
    });
    return (flight = request
      .then(function (answer) {
        // Only when its answer was read does the browser count a request as off the way.
        return answer.text().then(function () {
          return answer;
        });
      })
      .catch(function () {})
      .then(safe(settle)));
  }

  function start() {
    try {
      visitor = localStorage.getItem(STORAGE_KEY);
      if (!visitor || visitor.length > MAX_VISITOR) visitor = uuid();
      localStorage.setItem(STORAGE_KEY, visitor);
    } catch (error) {
      visitor = visitor || uuid();
    }
    onShown(page);
    page();
    ["pushState", "replaceState"].forEach(function (name) {
      var methods = /** @type {any} */ (history);
      var original = methods[name];
      methods[name] = function () {
        // What the page's own call throws is the page's.
        var result = original.apply(this, arguments);
        safe(navigated)();
        return result;
      };
    });
    addEventListener("popstate", safe(navigated));
    addEventListener("online", api.flush);
    addEventListener("pagehide", safe(leave));
    // Back to a page that the browser had kept as it was.
    addEventListener(
      "pageshow",
      safe(function (/** @type {PageTransitionEvent} */ event) {
        if (event.persisted) page();
      }),
    );
    document.addEventListener(
      "visibilitychange",
      safe(function () {
        if (document.visibilityState === "hidden") leave();
      }),
    );
  }

  var api = /** @type {Record<string, (...args: any[]) => any>} */ ({
    track: safe(track),
    identify: safe(identify),
    page: safe(page),
    flush: function () {
      return safe(flush)() || Promise.resolve();
    },
    push: safe(function (/** @type {[string, ...unknown[]]} */ call) {
      api[call[0]].apply(null, /** @type {unknown[]} */ ([]).slice.call(call, 1));
    }),
  });
  var global = /** @type {any} */ (window);
  /** Perhaps no queue: a frame of this name belongs to another site, and throws at every touch. */
  var early = global.mm;
  var loaded = safe(function () {
    return early.flush && !early.pop;
  })();
  // Two scripts on a page would see everything twice. The queue of before may have methods, too.
  if (loaded) return;
  global.mm = api;

  /** Nothing is stored or sent: by the visitor's wish, or for want of a key. */
  var off = true;
  /** @type {string | undefined} */
  var key;
  var host = "";
  safe(function () {
    // Null in a module, and where a loader runs the text; others use the attribute, too.
    var script = /** @type {HTMLScriptElement} */ (
      document.currentScript || document.querySelector('script[data-key^="pk_"]')
    );
    key = script.dataset.key;
    host = script.dataset.host || new URL(script.src).origin;
    // A name alone would be a path of the page's own site; such a path begins with one slash.
    if (!/^(https?:|\/(?!\/))/i.test(host)) {
      host = host.replace(/^\/+/, "");
      host = (/^(localhost|127\.)/.test(host) ? "http://" : "https://") + host;
    }
    host = host.replace(/\/$/, "");
    off =
      !key ||
      /** @type {any} */ (navigator).globalPrivacyControl ||
      navigator.doNotTrack === "1" ||
      global.doNotTrack === "1";
    if (!off) start();
  })();
  safe(function () {
    early.forEach(api.push);
  })();
})(window, document, navigator);
