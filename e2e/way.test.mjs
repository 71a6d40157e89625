// The whole way of a shop owner, in a browser.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { begin, browser, models } from "./service.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const desktop = { viewport: { width: 1280, height: 900 } };

let service;
let himself;
let another;

before(async () => {
  service = await begin();
  himself = await browser(join(models, "samples/obama2.jpg"));
  another = await browser(join(models, "samples/biden.jpg"));
});
after(async () => {
  await himself?.close();
  await another?.close();
  await service?.stop();
});

const at = (page, name) => page.locator(`[data-test="${name}"]`).first();

/** Nothing serious for people who cannot see or cannot use a mouse. */
async function accessible(page) {
  const { violations } = await page.evaluate(`(() => { ${axe}; })(), window.axe.run()`);
  const serious = violations.filter((v) => ["serious", "critical"].includes(v.impact));
  assert.deepEqual(serious.map((v) => [v.id, v.nodes[0].html]), [], page.url());
}

/** From the link to name and number, sent. */
async function enter(page, link, entered) {
  await page.goto(link);
  await accessible(page);
  await at(page, "start").click();
  await page.locator('input[name="identity"]').check();
  await page.locator('input[name="face"]').check();
  await accessible(page);
  await at(page, "consent-submit").click();
  await at(page, "method-resident-id-card").check();
  await accessible(page);
  await at(page, "method-submit").click();
  await page.locator('input[name="name"]').fill(entered.name);
  await page.locator('input[name="id_number"]').fill(entered.id_number);
  await at(page, "details-submit").click();
}

/** From the link to the first picture. */
async function toPictures(page, link, entered) {
  await enter(page, link, entered);
  await page.waitForURL("**/verify/step/front");
}

/** A picture from a file, used as it is. */
async function give(page, step, file) {
  await page.waitForURL(`**/verify/step/${step}`);
  await page.locator('[data-test="file"]').setInputFiles(file);
  await page.waitForURL(`**/verify/step/${step}/preview`);
  await at(page, "use").click();
}

/** The selfie, with the camera. */
async function shoot(page) {
  await page.waitForURL("**/verify/step/selfie");
  await accessible(page);
  await at(page, "camera-open").click();
  await page.locator('[data-test="shutter"]:enabled').click();
  await page.waitForURL("**/verify/step/selfie/preview", { timeout: 15000 });
}

async function handIn(page) {
  await page.waitForURL("**/verify/review");
  await accessible(page);
  await at(page, "submit").click();
}

for (const [name, view, locale] of [["phone, Chinese", phone, "zh-CN"], ["desktop, English", desktop, "en-GB"]]) {
  test(`a shop owner is verified (${name})`, async () => {
    const context = await himself.newContext({ ...view, locale });
    const page = await context.newPage();
    const { id, link } = await service.session("shop-of-him");
    await toPictures(page, link, service.fields);
    // Reloading and going back lose nothing.
    await page.reload();
    await page.goto(`${service.url}/verify`);
    await give(page, "front", service.front);
    await give(page, "back", service.back);
    await shoot(page);
    await at(page, "use").click();
    await handIn(page);
    await at(page, "verified").waitFor({ timeout: 20000 });
    await accessible(page);
    assert.equal((await service.api("GET", `/v1/verification_sessions/${id}`)).status, "verified");
    await context.close();
  });
}

test("another person's face is told, and only the selfie is asked again", async () => {
  const context = await another.newContext({ ...phone, locale: "zh-CN" });
  const page = await context.newPage();
  const { id, link } = await service.session("shop-of-him");
  await toPictures(page, link, service.fields);
  await give(page, "front", service.front);
  await give(page, "back", service.back);
  await shoot(page);
  await at(page, "use").click();
  await handIn(page);
  await at(page, "fix-selfie").waitFor({ timeout: 20000 });
  await accessible(page);
  assert.equal(await page.locator('[data-test^="fix-"]').count(), 1);
  assert.deepEqual((await service.api("GET", `/v1/verification_sessions/${id}`)).reasons.map((r) => r.code), ["face_mismatch"]);
  // Taken again, by the right person, it passes.
  const right = await himself.newContext({ ...phone, locale: "zh-CN" });
  await right.addCookies(await context.cookies());
  const again = await right.newPage();
  await again.goto(`${service.url}/verify`);
  await at(again, "retake-selfie").click();
  await shoot(again);
  await at(again, "use").click();
  await handIn(again);
  await at(again, "verified").waitFor({ timeout: 20000 });
  await right.close();
  await context.close();
});

test("an identity belongs to one shop, and the person is told before taking pictures", async () => {
  const context = await himself.newContext({ ...phone, locale: "zh-CN" });
  const page = await context.newPage();
  const { link } = await service.session("another-shop");
  await enter(page, link, service.fields);
  await at(page, "drift").waitFor();
  await accessible(page);
  await context.close();
});

test("a link opens once, and the page says so", async () => {
  const context = await himself.newContext({ ...phone, locale: "en-GB" });
  const { link } = await service.session("shop-of-link");
  const page = await context.newPage();
  await page.goto(link);
  const stranger = await himself.newContext({ ...phone, locale: "en-GB" });
  const other = await stranger.newPage();
  const answer = await other.goto(link);
  assert.equal(answer.status(), 410);
  await at(other, "failure-link_used").waitFor();
  await accessible(other);
  await context.close();
  await stranger.close();
});

test("the reviewer signs in and sees the list", async () => {
  const context = await himself.newContext({ ...desktop, locale: "zh-CN" });
  const page = await context.newPage();
  await page.goto(`${service.url}/console`);
  await accessible(page);
  await at(page, "login").fill("reviewer");
  await at(page, "password").fill(service.password);
  await at(page, "sign-in").click();
  await page.waitForURL("**/console/cases");
  await accessible(page);
  await context.close();
});
