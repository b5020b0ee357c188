import worker from "../baseline-sdk/worker.js";
import { counted } from "./counted.js";

export default counted(worker);
