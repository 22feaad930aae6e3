/*
 * Starts the viewer on the contracts that this server lists at /docs/sources.json: the API, and the mock's own control
 * plane unless that is switched off.
 *
 * Everything is same-origin: no proxy, no web fonts, no telemetry, no assistant.
 * Two comforts: events are linked with the callbacks that announce them, and the
 * token of a successful login is used for the calls that follow it.
 */
"use strict";

const CONTRACT = "/openapi.json";
const LOGIN = /\/(login_check|token\/refresh)$/;

/** The viewer shows `x-webhooks` as `webhooks`; point the callbacks' references there too. */
function linkEvents(contract) {
  return contract.replaceAll('"#/x-webhooks/', '"#/webhooks/');
}

/** `fetch`, except that the contract arrives with its event references linked. */
async function fetchLinked(input, init) {
  const response = await fetch(input, init);
  const url = new URL(input instanceof Request ? input.url : input, location.href);
  if (url.pathname !== CONTRACT || !response.ok) {
    return response;
  }
  return new Response(linkEvents(await response.text()), response);
}

/** After a successful login, authorise the following calls with its token. */
async function keepToken({ response, request }) {
  if (!response.ok || !LOGIN.test(new URL(request.url).pathname)) {
    return;
  }
  const { token } = await response.clone().json();
  viewer.updateConfiguration(configuration(token));
}

/** The viewer's configuration of each document; that of the API has a bearer token once there is one. */
function configuration(token = "") {
  const bearer = { preferredSecurityScheme: "Bearer", securitySchemes: { Bearer: { token } } };
  return sources.map((source) => ({
    ...source,
    authentication: source.slug === "api" ? bearer : {},
    customFetch: fetchLinked,
    servers: [{ url: location.origin, description: "This mock server" }],
    onResponseReceived: keepToken,
    setPageTitle: () => "Open Loyalty API — mock",
    documentDownloadType: "direct",
    darkMode: false,
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

let sources = []; // what /docs/sources.json lists: slug, title and url of each document
let viewer;

fetch("/docs/sources.json")
  .then((response) => response.json())
  .then((listed) => {
    sources = listed;
    viewer = Scalar.createApiReference("#viewer", configuration());
  });
