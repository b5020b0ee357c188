/** The runtime's process, for tests that end it the hard way. */
import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

/** The runtimes that this process has started and that still run. */
function runtimes() {
  const listed = execFileSync("ps", ["-A", "-o", "pid=,ppid=,stat=,comm="], { encoding: "utf8" });
  return listed
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(
      ([, parent, state, name]) =>
        Number(parent) === process.pid && state?.[0] !== "Z" && name?.includes("workerd"),
    )
    .map(([pid]) => Number(pid));
}

/** The number of the one runtime that this process has started. */
export function runtimeProcess() {
  const [pid, ...others] = runtimes();
  if (pid === undefined || others.length > 0) throw new Error("there is not one runtime");
  return pid;
}

/** Kills the one runtime of this process with SIGKILL, and waits until it is gone. */
export async function killRuntime() {
  process.kill(runtimeProcess(), "SIGKILL");
  while (runtimes().length > 0) await sleep(5);
}
