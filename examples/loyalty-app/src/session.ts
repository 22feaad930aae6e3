/** Tokens, kept as long as the tab is open. */
import type { Tokens, TokenStore } from "./api";

const KEY = "loyalty.tokens";

export const session: TokenStore = {
  load: () => JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Tokens | null,
  save: (tokens) => sessionStorage.setItem(KEY, JSON.stringify(tokens)),
};
