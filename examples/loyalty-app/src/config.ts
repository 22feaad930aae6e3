/** Where the app finds its servers: public/config.js sets it. */
export interface Config {
  /** Address of Open Loyalty, or of the mock. */
  api: string;
  /** Code of the store that the app is about. */
  store: string;
  /** Address of the app's own receiver of webhooks. */
  receiver: string;
  /** Milliseconds that an answer may take. */
  timeout: number;
}

declare global {
  interface Window {
    loyalty: Config;
  }
}
