/*
 * The session of the documentation page: a token that is kept while the tab is open, reloads included, and the bar that
 * shows whether there is one.
 *
 * `session.start(configuration, changed)` shows the bar of a mock whose API one can log in to; `changed()` is called
 * whenever there is another token, or none. `session.observe(exchange)` sees what the viewer sent and received: a login
 * there counts as well, and a token that the mock refuses is forgotten.
 */
"use strict";

const session = (() => {
  const KEY = "mockserver.session";
  const LOGIN = "/api/admin/login_check";
  const LOGINS = /\/(login_check|token\/refresh)$/;
  const find = (selector) => document.querySelector(selector);
  let changed = () => {};
  let current = read(); // {token, name}, or null

  /** What is kept; null if that is nothing, or if the browser keeps nothing. */
  function read() {
    try {
      return JSON.parse(sessionStorage.getItem(KEY));
    } catch {
      return null;
    }
  }

  function keep(next) {
    current = next;
    try {
      if (next) sessionStorage.setItem(KEY, JSON.stringify(next));
      else sessionStorage.removeItem(KEY);
    } catch {
      // The browser keeps nothing: the token lasts until the next reload.
    }
    show();
    changed();
  }

  function show() {
    find("#login").hidden = current !== null;
    find("#login").open = false;
    find("#session").hidden = current === null;
    find("#session b").textContent = current?.name ?? "";
  }

  /** Logs in with what the form has; says below it why that didn't work. */
  async function submit(event) {
    event.preventDefault();
    const { username, password } = Object.fromEntries(new FormData(event.target));
    const error = find("#login .error");
    error.hidden = true;
    try {
      const answer = await fetch(LOGIN, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ username, password }),
      });
      const content = await answer.json();
      if (answer.ok) {
        keep({ token: content.token, name: username });
        return;
      }
      error.textContent = content.message;
    } catch {
      error.textContent = "The mock doesn't answer. Is it still running?";
    }
    error.hidden = false;
  }

  /** Keeps the token of a login, and forgets one that is refused; an example that was asked for by `Prefer`, or an
   * answer that a fault made, says nothing about it. */
  async function observe({ response, request }) {
    const isReal = response.headers.get("X-Mock-Source") !== "example" && !response.headers.has("X-Mock-Fault");
    if (response.ok && isReal && LOGINS.test(new URL(request.url).pathname)) {
      const { token } = await response.clone().json();
      if (token) keep({ token, name: nameIn(token) });
    } else if (response.status === 401 && isReal && current
      && request.headers.get("Authorization") === `Bearer ${current.token}`) {
      keep(null);
    }
  }

  /** The user name in a token. */
  function nameIn(token) {
    try {
      return JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"))).username;
    } catch {
      return "somebody";
    }
  }

  function start({ admin }, whenChanged) {
    changed = whenChanged;
    const form = find("#login form");
    form.addEventListener("submit", submit);
    find("#session button").addEventListener("click", () => keep(null));
    if (admin) {
      form.username.value = admin.username;
      form.password.value = admin.password;
      form.querySelector(".hint").hidden = false;
    }
    show();
  }

  return { start, observe, get token() { return current?.token ?? ""; } };
})();
