/** What the commands are called where this runs: a package that npm has installed has no scripts. */
export const IS_INSTALLED = import.meta.url.includes("/node_modules/");
export const MM = IS_INSTALLED ? "npx mm" : "pnpm mm";
/** Without lines of the package manager's own, for other programs. */
export const QUIET_MM = IS_INSTALLED ? MM : "pnpm -s mm";
