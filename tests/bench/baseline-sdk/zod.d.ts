/** The SDK brings zod along; the bundler finds it there, the type checker needs no more than this. */
declare module "zod" {
  export function fromJSONSchema(schema: object): any;
}
