/**
 * Package managers do not always hand signals on: `npx` that is told to end leaves what it started
 * running. A server that nobody sees any more would keep its port, so we watch the line of processes
 * from this one up to the package manager that started it, and notice when it breaks.
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";

const LAUNCHERS = ["npm", "npx", "pnpm"];

/**
 * @param {() => void} callback runs once, when a process of the line has ended
 */
export function whenLaunchersEnd(callback) {
  const line = parentsUpToLauncher();
  const timer = setInterval(() => {
    const whole = line.every(({ pid, parent }) => parentOf(pid) === parent);
    if (whole) return;
    clearInterval(timer);
    callback();
  }, 1000);
  timer.unref();
}

/** @returns {{ pid: number, parent: number }[]} empty when no package manager is among them */
function parentsUpToLauncher() {
  const line = [];
  let length = 0;
  for (let pid = process.pid; pid > 1;) {
    const parent = parentOf(pid);
    if (parent === null) break;
    line.push({ pid, parent });
    if (isLauncher(parent)) length = line.length;
    pid = parent;
  }
  return line.slice(0, length);
}

/**
 * @param {number} pid
 * @returns {number | null} null when there is no such process, or no way to know
 */
function parentOf(pid) {
  if (pid === process.pid) return process.ppid;
  try {
    // "pid (name) state ppid ...": the name may hold anything, even parentheses.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return null;
  }
}

/** @param {number} pid */
function isLauncher(pid) {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split(/[\0 ]/, 2);
    // Either the program itself, or node running its script (npm-cli.js, pnpm.cjs).
    return words.some((word) => LAUNCHERS.includes(basename(word).split(/[-.]/)[0]));
  } catch {
    return false;
  }
}
