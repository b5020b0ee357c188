/**
 * A proxy that adds the key, which the suite has no option for. Everything else passes unchanged,
 * the Host header above all: the suite checks what the server makes of a wrong one.
 */
import { createServer, request } from "node:http";

/**
 * @param {string} target the server's origin
 * @param {string} key
 * @returns {Promise<{ port: number, close: () => Promise<void> }>}
 */
export async function startProxy(target, key) {
  const { hostname, port } = new URL(target);
  const server = createServer((incoming, outgoing) => {
    const forward = request({
      hostname,
      port,
      path: incoming.url,
      method: incoming.method,
      headers: { ...incoming.headers, authorization: `Bearer ${key}` },
    });
    forward.on("response", (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forward.on("error", () => outgoing.destroy());
    incoming.pipe(forward);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
