/**
 * Requests to our server.
 */

/** How often a request is sent at most. */
const ATTEMPTS = 4;

/**
 * Sends a request, and once more where the connection was closed under it: the runtime closes idle
 * ones, and on a machine that is busy elsewhere it finds a request on them too late.
 *
 * @param {string} url
 * @param {RequestInit} [init]
 * @returns {Promise<{ text: string, attempts: number }>} the body of an answer that is a 2xx
 */
export async function request(url, init) {
  for (let attempts = 1; ; attempts++) {
    try {
      const response = await fetch(url, init);
      const text = await response.text();
      if (response.ok) return { text, attempts };
      throw new Error(`${url} answered ${response.status}: ${text.slice(0, 500)}`);
    } catch (error) {
      // What fetch itself throws is a TypeError.
      if (!(error instanceof TypeError) || attempts === ATTEMPTS) throw error;
    }
  }
}

/**
 * @param {string} url
 * @param {string} key of the project
 * @param {number} total
 * @throws when the project has not so many events
 */
export async function checkStored(url, key, total) {
  const { text } = await request(`${url}/v1/stats?from=2020-01-01&to=2100-01-01`, {
    headers: { authorization: `Bearer ${key}` },
  });
  const [{ value }] = JSON.parse(text).rows;
  if (value !== total) throw new Error(`${total} events were sent, ${value} are stored`);
}
