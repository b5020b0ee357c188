/** Every command, in the order in which the help lists them. */
import { accountCommands } from "./accounts.js";
import { exportCommand } from "./export.js";
import { forgetCommand } from "./forget.js";
import { importCommand } from "./import.js";
import { keyCommands } from "./keys.js";
import { projectCommands } from "./projects.js";
import { retentionCommand } from "./retention.js";
import { shardsCommand } from "./shards.js";
import { storageCommand } from "./storage.js";
import { usageCommand } from "./usage.js";

/** @type {readonly import("./command.js").Command[]} */
export const COMMANDS = [
  ...accountCommands,
  ...projectCommands,
  ...keyCommands,
  usageCommand,
  storageCommand,
  shardsCommand,
  importCommand,
  exportCommand,
  forgetCommand,
  retentionCommand,
];
