// Node.js wants the ending of a file in an import.
export default { output: { path: "client", module: { extension: ".js" } } };
