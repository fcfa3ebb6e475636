// Runs an image built for wasm32: `node wasm.mjs IMAGE`. The exit status is the image's.
import { readFileSync, writeSync } from "node:fs";

const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]), {
    board: { write: (from, len) => writeSync(1, new Uint8Array(instance.exports.memory.buffer, from, len)) },
});
process.exitCode = instance.exports.start();
