// A few calls by a client that openapi-typescript and openapi-fetch make of the document:
//   npx openapi-typescript http://localhost:8000/openapi.json --output openapi.ts
// Against the application, or its mock: WORKSHOP_URL=http://localhost:8181 node workshop.js

import createClient from "openapi-fetch";
import type { paths } from "./openapi.js";

const baseUrl = process.env.WORKSHOP_URL ?? "http://localhost:8000";
const headers = { "X-API-Key": process.env.WORKSHOP_API_KEY ?? "workshop-key" };
const api = createClient<paths>({ baseUrl, headers });

const { data: tool } = await api.POST("/tools", { body: { name: "Spade", category: "garden", deposit: 0 } });
if (!tool) throw new Error("no tool was made");
console.log("made", tool.id, tool.available ? "in" : "out");

const { data: found } = await api.GET("/tools", { params: { query: { category: "garden", limit: 5 } } });
console.log("found", found?.items.length, "of", found?.total);

const refused = await api.GET("/tools", { params: { query: { limit: 0 } } });
if (refused.response.status !== 422) throw new Error(`a wrong limit is a ${refused.response.status}`);
console.log("refused", refused.error && "detail" in refused.error && JSON.stringify(refused.error.detail));

const { response } = await api.DELETE("/tools/{tool_id}", { params: { path: { tool_id: tool.id } } });
if (response.status !== 204) throw new Error(`deleting is a ${response.status}`);
console.log("removed");
