/**
 * Waiting until our server has nothing left to merge in the background.
 */
import { ADMIN_TOKEN } from "../../worker/support/worker.js";

const POLL_MS = 250;
/** Merging that makes no progress for so long has stopped. */
const PATIENCE_MS = 120_000;

/**
 * @param {string} url our server's
 * @param {string} project
 * @returns {Promise<{ events: number, bytes: number, segments: number, merge_debt: number } | undefined>}
 *   what it says of its storage; nothing when it does not say it
 */
export async function storageOf(url, project) {
  const response = await fetch(`${url}/admin/storage?project=${project}`, {
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
  });
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`/admin/storage: ${await response.text()}`);
  return /** @type {any} */ (await response.json());
}

/**
 * @param {string} url our server's
 * @param {string} project
 */
export async function untilMerged(url, project) {
  let least = Infinity;
  let since = performance.now();
  for (;;) {
    const storage = await storageOf(url, project);
    if (storage === undefined || storage.merge_debt === 0) return;
    if (storage.merge_debt < least) {
      least = storage.merge_debt;
      since = performance.now();
    } else if (performance.now() - since > PATIENCE_MS) {
      throw new Error(`merging has stopped: ${JSON.stringify(storage)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
