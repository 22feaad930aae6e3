// src/attachments.ts: what a report shows of a mock.
import { expect, test } from "vitest";
import { attachmentsOf } from "../src/attachments.js";
import { addMember, withMock } from "./support.js";

test("the last requests, deliveries and faults are told, without secrets", async () => {
  await withMock(async (mock) => {
    const headers = [{ headerName: "X-Api-Key", headerValue: "s3cret" }];
    const url = "https://u:s3cret@example.com/hook?token=s3cret";
    await mock.subscribe("CustomerRegistered", url.replace("u:s3cret@", ""), { headers });
    const customerData = { email: "a@example.com", password: "s3cret" };
    await mock.trigger("CustomerRegistered", { data: { customerData } });
    await mock.deliveries.wait();
    await addMember(mock, "b@example.com");
    const answer = { status: 302, headers: { Location: url, "X-Auth-Token": "s3cret" }, body: { token: "s3cret" } };
    await mock.faults.add({ match: { query: { token: "s3cret" }, body: { password: "s3cret" } }, answer });
    const files = Object.fromEntries(await attachmentsOf(mock));
    expect(Object.keys(files)).toEqual(["mock-requests.json", "mock-deliveries.json", "mock-faults.json"]);
    expect(Object.values(files).join()).not.toContain("s3cret");
    expect(files["mock-deliveries.json"]).toContain("https://example.com/hook?token=********");
    expect(files["mock-requests.json"]).toContain("b@example.com");
  });
});
