/** Every command, in the order in which the help lists them. */
import { accountCommands } from "./accounts.js";
import { exportCommand } from "./export.js";
import { importCommand } from "./import.js";
import { keyCommands } from "./keys.js";
import { projectCommands } from "./projects.js";
import { retentionCommand } from "./retention.js";
import { storageCommand } from "./storage.js";
import { usageCommand } from "./usage.js";

/** @type {readonly import("./command.js").Command[]} */
export const COMMANDS = [
  ...accountCommands,
  ...projectCommands,
  ...keyCommands,
  usageCommand,
  storageCommand,
  importCommand,
  exportCommand,
  retentionCommand,
];
