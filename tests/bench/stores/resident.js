/**
 * What the runtime's processes hold in memory, as Linux tells it.
 */
import { readFile, readdir } from "node:fs/promises";

/** @returns {Promise<Map<string, number>>} bytes of each workerd of this process, by its id */
export async function residentBytes() {
  /** @type {Map<string, number>} */
  const found = new Map();
  const names = await readdir("/proc").catch(() => []);
  for (const pid of names.filter((name) => /^\d+$/.test(name))) {
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
    if (!/^Name:\s+workerd$/m.test(status)) continue;
    if (!new RegExp(`^PPid:\\s+${process.pid}$`, "m").test(status)) continue;
    found.set(pid, Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024);
  }
  return found;
}
