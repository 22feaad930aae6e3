/*
 * Starts the viewer on the contracts that this server lists at docs/configuration.json: the API, and the mock's own
 * control plane unless that is switched off.
 *
 * Everything is same-origin: no proxy, no web fonts, no telemetry, no assistant. The API is shown with the notes of
 * docs/contract.json; what one downloads is the contract itself.
 */
"use strict";

const CONTRACT = "/openapi.json";
const ANNOTATED = "docs/contract.json"; // by the page, which may be at /_mock/docs
let page; // what docs/configuration.json says
let viewer;

/** `fetch`, except that the viewer gets the contract with its notes. */
function fetchAnnotated(input, init) {
  const url = new URL(input instanceof Request ? input.url : input, location.href);
  const isContract = url.origin === location.origin && url.pathname === CONTRACT;
  return fetch(isContract ? ANNOTATED : input, init);
}

/** How the viewer authorises calls to the API: by the token of the session, else by the mock's key. */
function authentication() {
  return {
    preferredSecurityScheme: session.token || !page.apiKey ? "Bearer" : "token",
    securitySchemes: { Bearer: { token: session.token }, token: { value: page.apiKey ?? "" } },
  };
}

/** The viewer's configuration of each document. */
function configuration() {
  return page.documents.map((listed) => ({
    ...listed,
    authentication: page.isOurs && listed.slug === "api" ? authentication() : {},
    customFetch: fetchAnnotated,
    servers: [{ url: location.origin, description: "This mock server" }],
    onResponseReceived: session.observe,
    setPageTitle: () => document.title,
    documentDownloadType: "direct",
    withDefaultFonts: false,
    hideClientButton: true,
    showDeveloperTools: "never",
    showOperationId: true,
    orderSchemaPropertiesBy: "preserve",
    telemetry: false,
    agent: { disabled: true },
    mcp: { disabled: true },
  }));
}

/** The document that an address shows. */
const documentIn = (url) => new URL(url).hash.slice(1).split("/")[0];

// A link to another document: the viewer follows one only when it starts.
addEventListener("hashchange", ({ oldURL, newURL }) => {
  if (page?.documents.some(({ slug }) => slug === documentIn(newURL)) && documentIn(oldURL) !== documentIn(newURL)) {
    location.reload();
  }
});

async function start() {
  page = await (await fetch("docs/configuration.json")).json();
  document.title = `${page.documents[0].title} — mock`;
  document.querySelector(".bar-title").textContent = document.title;
  if (page.isOurs) {
    document.querySelector("#assumptions").hidden = false;
    session.start(page, () => viewer.updateConfiguration(configuration()));
  }
  viewer = Scalar.createApiReference("#viewer", configuration());
}

start();
