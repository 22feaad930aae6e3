import { defineConfig } from "vite";

export default defineConfig({
  server: { port: 5173, strictPort: true }, // the origin that the mock is told of
  build: { outDir: "build/app", emptyOutDir: true },
});
