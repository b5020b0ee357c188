/** What the built module exports (wasm/abi.h, wasm/exports.txt). */
export interface CoreExports {
  readonly memory: WebAssembly.Memory;
  _initialize(): void;
  mm_alloc(length: number): number;
  mm_open(kind: number, configuration: number, length: number): number;
  mm_begin(call: number, frame: number, length: number): number;
  mm_output(request: number): number;
  mm_resume(request: number, effect: number, answer: number, length: number): number;
  mm_release(request: number): void;
  mm_body_limit(): number;
}
