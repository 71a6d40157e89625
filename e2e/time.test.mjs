// The half hour: seen all along, and more of it offered at the end.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { begin, browser, models } from "./service.mjs";
import { accessible, at, give, phone, toPictures } from "./steps.mjs";

let service;
let himself;

before(async () => {
  service = await begin();
  himself = await browser(join(models, "samples/obama2.jpg"));
});
after(async () => {
  await himself?.close();
  await service?.stop();
});

test("the minutes count down in sight, more are offered in the last five, and are given", async () => {
  const context = await himself.newContext({ ...phone, locale: "zh-CN" });
  const page = await context.newPage();
  page.setDefaultTimeout(8000);
  await page.clock.install();
  const { link } = await service.session("time-shop");
  await toPictures(page, service, link, { name: "", id_number: "" });
  const clock = page.locator(".clock");
  assert.match(await clock.innerText(), /还剩 (30|29) 分钟/);
  assert.ok(await at(page, "renew").isHidden());
  await page.clock.fastForward("26:00");
  await at(page, "renew").waitFor();
  assert.match(await clock.innerText(), /还剩 [34] 分钟/);
  await accessible(page);
  await at(page, "renew").click();
  await page.locator(".clock", { hasText: /还剩 (30|29) 分钟/ }).waitFor();
  assert.equal(new URL(page.url()).pathname, "/verify/step/front");
  await at(page, "notice").waitFor();
  await context.close();
});

/** Turns a test clock on, and waits until everything that is due has happened. */
async function turn(clock, minutes) {
  await service.api("POST", `/v1/test/clocks/${clock}/advance`, { by_minutes: minutes });
  for (;;) {
    if ((await service.api("GET", `/v1/test/clocks/${clock}`)).status === "ready") return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Who cannot go on is led to the marketplace, to another phone, and to a person. */
async function ledOn(page, failure) {
  await at(page, failure).waitFor();
  await accessible(page);
  const said = await page.locator("main").innerText();
  assert.match(said, /重新登录/);
  assert.match(said, /换一部手机/);
  assert.equal(await at(page, "return").getAttribute("href"), "https://market.example/");
  assert.ok(await page.locator('footer a[href^="tel:"]').isVisible());
}

test("more time keeps the good shots; when the half hour is over it says so, and what to do", async () => {
  const { id: clock } = await service.api("POST", "/v1/test/clocks", { name: "half an hour" });
  await service.api("POST", "/v1/shops", { id: "clock-shop", type: "c2c", test_clock: clock });
  const context = await himself.newContext({ ...phone, locale: "zh-CN" });
  const page = await context.newPage();
  const { id, link } = await service.session("clock-shop");
  await toPictures(page, service, link, { name: "", id_number: "" });
  await give(page, "front", service.front);
  await page.waitForURL("**/verify/step/back");
  await turn(clock, 26);
  await page.reload();
  await at(page, "renew").click();
  await at(page, "notice").waitFor();
  // Past the first half hour, and the front is still there.
  await turn(clock, 10);
  await page.goto(`${service.url}/verify`);
  await page.waitForURL("**/verify/step/back");
  await turn(clock, 21);
  // The page was open all the time: what is sent now is too late.
  await page.locator('[data-test="file"]').setInputFiles(service.back);
  await ledOn(page, "failure-session_expired");
  const session = await service.api("GET", `/v1/verification_sessions/${id}`);
  assert.equal(session.status, "expired");
  await context.close();
});

test("a page that is looked at when the time runs out goes to the one that says so", async () => {
  const context = await himself.newContext({ ...phone, locale: "zh-CN" });
  const page = await context.newPage();
  await page.clock.install();
  const { link } = await service.session("over-shop");
  await toPictures(page, service, link, { name: "", id_number: "" });
  const asked = page.waitForRequest("**/verify");
  await page.clock.fastForward("30:30");
  await page.clock.runFor(3000);
  await asked;
  await context.close();
});

test("who is no longer known is told so, and led on", async () => {
  const context = await himself.newContext({ ...phone, locale: "zh-CN" });
  const page = await context.newPage();
  const { link } = await service.session("lost-shop");
  await page.goto(link);
  await at(page, "start").waitFor();
  await context.clearCookies();
  await page.reload();
  await ledOn(page, "failure-session_unknown");
  await context.close();
});
