/**
 * @typedef {{ fetch(request: Request, env: any, ctx: any): Response | Promise<Response> }} Handler
 */

/**
 * Numbers an isolate's answers, so that the benchmark can tell a fresh one from a used one.
 *
 * @param {Handler} worker
 * @returns {Handler}
 */
export function counted(worker) {
  let requests = 0;
  return {
    async fetch(request, env, ctx) {
      requests += 1;
      const answer = await worker.fetch(request, env, ctx);
      const numbered = new Response(answer.body, answer);
      numbered.headers.set("x-isolate-request", String(requests));
      return numbered;
    },
  };
}
