/** The browser of the tests: the system's own Chromium, headless. */
import { chromium } from "playwright-core";
import { chromiumPath } from "../../../scripts/system-tools.js";

const FLAGS = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-gpu",
  "--disable-quic",
  "--disable-sync",
  "--no-first-run",
  // Whoever runs the tests may be root, in a container that lets no process make namespaces.
  "--no-sandbox",
];

/** @returns {Promise<import("playwright-core").Browser>} */
export async function launchChromium() {
  const executablePath = chromiumPath();
  if (executablePath === null) throw new Error("there is no Chromium: run scripts/setup.js test");
  return chromium.launch({ executablePath, headless: true, args: FLAGS });
}
