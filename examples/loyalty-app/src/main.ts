/** Wires the views, and shows the one that the address names, or the login. */
import { Api, type SessionOver } from "./api";
import { onSubmit } from "./forms";
import { membersView } from "./members";
import { session } from "./session";
import { subscriptionsView } from "./subscriptions";
import { webhooksView } from "./webhooks";

const config = window.loyalty;
const api = new Api(config, session);
const nav = document.querySelector<HTMLElement>("#nav")!;
const reason = document.querySelector<HTMLElement>("#login-reason")!;
const login = document.querySelector<HTMLFormElement>("#login form")!;
const sections = [...document.querySelectorAll<HTMLElement>("main > section")];

const views: Record<string, () => Promise<void> | void> = {
  subscriptions: subscriptionsView(api, config, askToLogIn),
  members: membersView(api, askToLogIn),
  webhooks: () => {},
};

function showSection(name: string): void {
  for (const section of sections) section.hidden = section.id !== name;
  nav.hidden = name === "login";
  for (const link of nav.querySelectorAll("a")) link.ariaCurrent = link.hash === `#${name}` ? "page" : null;
  document.querySelector<HTMLElement>(`#${name}-title`)!.focus();
}

async function showView(): Promise<void> {
  const asked = location.hash.slice(1);
  const name = asked in views ? asked : "subscriptions";
  showSection(session.load() ? name : "login");
  if (session.load()) await views[name]!();
}

function askToLogIn(over: SessionOver): void {
  reason.textContent = over.message;
  showSection("login");
}

async function logIn(): Promise<string> {
  const { username, password } = Object.fromEntries(new FormData(login)) as Record<string, string>;
  await api.logIn(username!, password!).finally(() => {
    login.querySelector<HTMLInputElement>("[type=password]")!.value = "";
  });
  reason.textContent = "";
  void showView();
  return "";
}

onSubmit(login, logIn, askToLogIn);
nav.querySelector("#log-out")!.addEventListener("click", () => {
  void api.logOut().catch(() => {}); // here it is over in any case
  showSection("login");
});
addEventListener("hashchange", () => void showView());
webhooksView(config.receiver);
void showView();
