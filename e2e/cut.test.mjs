// A line that is cut at every step: nothing is lost, and the person goes on where they were. `CUT_SECONDS=30` cuts it for
// as long as a tunnel takes; a second shows the same.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { frames, stage } from "./puppet.mjs";
import { begin, browser, models } from "./service.mjs";
import { at, give, handIn, phone, toPictures } from "./steps.mjs";

const seconds = Number(process.env.CUT_SECONDS ?? 1);
let service;
let himself;
let drawn;

before(async () => {
  service = await begin();
  drawn = frames(join(models, "samples/obama.jpg"));
  himself = await browser(join(models, "samples/obama2.jpg"));
});
after(async () => {
  await himself?.close();
  await service?.stop();
});

/** The line is cut, the page is tried all the same, and the line comes back. */
async function cut(page, here) {
  await at(page, here).waitFor();
  await page.context().setOffline(true);
  await page.reload().catch(() => {});
  await page.waitForTimeout(seconds * 1000);
  await page.context().setOffline(false);
  await page.goto(`${service.url}/verify`);
  await at(page, here).waitFor();
}

test("cut at every step, it goes on where it was, and ends verified", { timeout: 900_000 }, async () => {
  const context = await himself.newContext({ ...phone, locale: "zh-CN" });
  await stage(context, drawn, true, "open_mouth");
  const page = await context.newPage();
  const { id, link } = await service.session("cut-shop");
  await toPictures(page, service, link, service.fields, cut);
  for (const step of ["front", "back"]) {
    await page.waitForURL(`**/verify/step/${step}`);
    await cut(page, "file");
    await give(page, step, service[step]);
  }
  await page.waitForURL("**/verify/step/selfie");
  await cut(page, "live-open");
  // In the middle of a capture: it is told, and begun again.
  await at(page, "live-open").click();
  await page.locator('dialog[data-hint="do"]').waitFor({ timeout: 45_000 });
  await page.evaluate(() => {
    // Offline, Chromium leaves an open socket open: the line is cut where the page holds it.
    window.dispatchEvent(new Event("pagehide"));
  });
  await page.reload();
  await cut(page, "live-open");
  for (let tries = 0; !page.url().endsWith("/preview"); tries += 1) {
    assert.ok(tries < 4, await page.locator("[data-live-message]").innerText());
    await at(page, "live-open").click();
    const refused = page.locator("[data-live-message]:visible").waitFor({ timeout: 45_000 });
    await Promise.any([page.waitForURL("**/verify/step/selfie/preview", { timeout: 45_000 }), refused]);
  }
  await at(page, "use").click();
  await cut(page, "submit");
  await handIn(page);
  await at(page, "verified").waitFor({ timeout: 30_000 });
  await cut(page, "verified");
  assert.equal((await service.api("GET", `/v1/verification_sessions/${id}`)).status, "verified");
  await context.close();
});
