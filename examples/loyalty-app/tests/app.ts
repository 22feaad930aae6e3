/** The app as its users see it: what they do, and where they look. */
import type { Locator, Page } from "@playwright/test";
import type { Config } from "../src/config";

export class App {
  readonly status: Locator;
  readonly alert: Locator;
  readonly rows: Locator;

  constructor(
    readonly page: Page,
    readonly url: string,
    readonly config: Config,
  ) {
    this.status = page.locator("#list").getByRole("status");
    this.alert = page.getByRole("alert").filter({ hasText: /./ });
    this.rows = page.getByRole("table", { name: "Who gets which event" }).locator("tbody tr");
  }

  /** Opens a view of the app; `url` is that of another origin, if one is meant. */
  async open(view = "", url = this.url): Promise<void> {
    await this.page.addInitScript((config) => Object.assign(window, { loyalty: config }), this.config);
    await this.page.goto(`${url}/${view}`);
  }

  async logIn(password = "password"): Promise<void> {
    await this.page.getByLabel("User name").fill("admin");
    await this.page.getByLabel("Password").fill(password);
    await this.button("Log in").click();
  }

  /** Opens a view as an admin who is logged in. */
  async enter(view = ""): Promise<void> {
    await this.open(view);
    await this.logIn();
  }

  async go(view: "Subscriptions" | "Members" | "Webhooks"): Promise<void> {
    await this.page.getByRole("link", { name: view }).click();
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole("button", { name });
  }

  heading(name: string): Locator {
    return this.page.getByRole("heading", { name, level: 2 });
  }

  /** The form in which one subscribes. */
  get subscribing(): Locator {
    return this.page.locator("#subscribe");
  }

  /** Subscribes the app's own receiver to an event. */
  async subscribe(eventName: string): Promise<void> {
    await this.subscribing.getByLabel("Event").selectOption(eventName);
    await this.button("Subscribe").click();
  }

  async register(email: string): Promise<void> {
    await this.page.getByLabel("E-mail address").fill(email);
    await this.button("Register").click();
  }
}
