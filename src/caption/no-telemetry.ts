/**
 * From version 1.29 on, ONNX Runtime reports processes, sessions and models to its makers over the network, and leaves
 * an identifier in the home folder, unless this is set before the library is loaded. Who imports `onnxruntime-node`
 * imports this first.
 */
process.env.ORT_DISABLE_TELEMETRY = '1';
