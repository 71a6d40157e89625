// What people do on the pages, step by step.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
export const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
export const desktop = { viewport: { width: 1280, height: 900 } };

export const at = (page, name) => page.locator(`[data-test="${name}"]`).first();

/** Nothing serious for people who cannot see or cannot use a mouse. */
export async function accessible(page) {
  const { violations } = await page.evaluate(`(() => { ${axe}; })(), window.axe.run()`);
  const serious = violations.filter((v) => ["serious", "critical"].includes(v.impact));
  assert.deepEqual(serious.map((v) => [v.id, v.nodes[0].html]), [], page.url());
}

/** Somebody at the console, on the list of cases. */
export async function reviewer(browser, service, login = "reviewer") {
  const context = await browser.newContext({ ...desktop, locale: "zh-CN" });
  const page = await context.newPage();
  await page.goto(`${service.url}/console`);
  await accessible(page);
  await at(page, "login").fill(login);
  await at(page, "password").fill(service.password);
  await at(page, "sign-in").click();
  await page.waitForURL("**/console/cases");
  return page;
}

/** Reloading, going back, and coming back later all end where the person was. */
export async function shaken(page, here, service) {
  await at(page, here).waitFor();
  await page.reload();
  await at(page, here).waitFor();
  await page.goBack();
  await page.goto(`${service.url}/verify`);
  await at(page, here).waitFor();
}

export const calm = (page, here) => at(page, here).waitFor();

/** From the link to name and number, sent. */
export async function enter(page, service, link, entered, pause = calm) {
  await page.goto(link);
  await accessible(page);
  await pause(page, "start", service);
  await at(page, "start").click();
  await page.locator('input[name="identity"]').check();
  await page.locator('input[name="face"]').check();
  await accessible(page);
  await at(page, "consent-submit").click();
  await pause(page, "method-submit", service);
  await at(page, "method-resident-id-card").check();
  await accessible(page);
  await at(page, "method-submit").click();
  await pause(page, "details-submit", service);
  await page.locator('input[name="name"]').fill(entered.name);
  await page.locator('input[name="id_number"]').fill(entered.id_number);
  await at(page, "details-submit").click();
}

/** From the link to the first picture. */
export async function toPictures(page, service, link, entered, pause = calm) {
  await enter(page, service, link, entered, pause);
  await page.waitForURL("**/verify/step/front");
}

/** A picture from a file, used as it is. */
export async function give(page, step, file) {
  await page.waitForURL(`**/verify/step/${step}`);
  await page.locator('[data-test="file"]').setInputFiles(file);
  await page.waitForURL(`**/verify/step/${step}/preview`);
  await at(page, "use").click();
}

/** The selfie, with the camera. */
export async function shoot(page) {
  await page.waitForURL("**/verify/step/selfie");
  await accessible(page);
  await at(page, "camera-open").click();
  await page.locator('[data-test="shutter"]:enabled').click();
  await page.waitForURL("**/verify/step/selfie/preview", { timeout: 15000 });
}

export async function handIn(page) {
  await page.waitForURL("**/verify/review");
  await accessible(page);
  await at(page, "submit").click();
}
