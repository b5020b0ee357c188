/** What the Worker has stored, asked for as any reader would. */

/**
 * @param {string} url the Worker's
 * @param {string} key that may read
 * @param {Record<string, string>} filters
 * @returns {Promise<any[]>} rows, oldest first
 */
export async function stored(url, key, filters) {
  const query = new URLSearchParams({
    from: new Date(Date.now() - 86_400_000).toISOString(),
    to: new Date(Date.now() + 86_400_000).toISOString(),
    limit: "1000",
    ...filters,
  });
  const response = await fetch(`${url}/v1/query?${query}`, {
    headers: { authorization: `Bearer ${key}` },
  });
  if (!response.ok) throw new Error(`/v1/query: ${response.status} ${await response.text()}`);
  const { rows } = await response.json();
  return rows.reverse();
}
