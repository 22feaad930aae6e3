/* Where the app finds its servers. Change this file where you deploy the app, not the build; tests set it before. */
window.loyalty ??= {
  api: "http://localhost:8181",
  store: "DEFAULT",
  receiver: "http://127.0.0.1:9000",
  timeout: 10_000,
};
