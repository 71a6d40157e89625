// The whole way over a slow line: 400 kbit/s, 400 ms there and back. And the queue before the camera.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { frames, stage } from "./puppet.mjs";
import { begin, browser, models } from "./service.mjs";
import { slowLine } from "./slow.mjs";
import { at, give, handIn, phone, toPictures } from "./steps.mjs";

let service;
let himself;
let drawn;
let line;

before(async () => {
  service = await begin(() => ({ work: "captures = 1" }));
  drawn = frames(join(models, "samples/obama.jpg"));
  himself = await browser(join(models, "samples/obama2.jpg"));
  line = await slowLine(Number(new URL(service.url).port), { bitsPerSecond: 400_000, late: 400 });
});
after(async () => {
  await himself?.close();
  await service?.stop();
  line?.close();
});

/** Somebody before the selfie, over the slow line or not. */
async function beforeSelfie(shop, slowly, entered = { name: "", id_number: "" }) {
  const context = await himself.newContext({ ...phone, locale: "zh-CN" });
  await stage(context, drawn, true, "open_mouth");
  const page = await context.newPage();
  page.setDefaultTimeout(120_000);
  const { id, link } = await service.session(shop);
  const there = slowly ? { ...service, url: `http://localhost:${line.port}` } : service;
  await toPictures(page, there, link.replace(service.url, there.url), entered);
  await give(page, "front", service.front);
  await give(page, "back", service.back);
  await page.waitForURL("**/verify/step/selfie");
  return { context, page, id };
}

test("the whole way takes less than five minutes over a slow line", { timeout: 420_000 }, async (t) => {
  const began = Date.now();
  const { context, page, id } = await beforeSelfie("slow-shop", true, service.fields);
  t.diagnostic(`both sides of the card after ${((Date.now() - began) / 1000).toFixed(0)} s`);
  let [tries, up] = [0, line.up.carried];
  for (; !page.url().endsWith("/preview"); tries += 1) {
    assert.ok(tries < 3, await page.locator("[data-live-message]").innerText());
    await at(page, "live-open").click();
    const refused = page.locator("[data-live-message]:visible").waitFor({ timeout: 120_000 });
    await Promise.any([page.waitForURL("**/verify/step/selfie/preview", { timeout: 120_000 }), refused]);
    if (!page.url().endsWith("/preview")) t.diagnostic(await page.locator("[data-live-message]").innerText());
  }
  t.diagnostic(`before the camera ${tries} times, ${((line.up.carried - up) / 1000).toFixed(0)} kB sent`);
  await at(page, "use").click();
  await handIn(page);
  await at(page, "verified").waitFor({ timeout: 60_000 });
  const took = (Date.now() - began) / 1000;
  t.diagnostic(`the whole way took ${took.toFixed(0)} s`);
  assert.ok(took < 300, `${took} s`);
  const { decision } = await service.api("GET", `/v1/verification_sessions/${id}`);
  assert.ok(decision.assurance.rests_on.liveness.actions.length >= 2);
  await context.close();
});

test("who waits for the camera sees their place, and comes next", { timeout: 300_000 }, async () => {
  const first = await beforeSelfie("first-shop", false);
  const second = await beforeSelfie("second-shop", false);
  await at(first.page, "live-open").click();
  // Whoever has begun is before the camera for some seconds.
  await first.page.waitForFunction(() => document.querySelector("dialog.live")?.dataset.hint);
  await at(second.page, "live-open").click();
  await second.page.locator("[data-say]", { hasText: "1" }).waitFor({ timeout: 20_000 });
  await first.page.close();
  await second.page.waitForFunction(() => document.querySelector("dialog.live")?.dataset.hint, null, { timeout: 40_000 });
  await first.context.close();
  await second.context.close();
});
