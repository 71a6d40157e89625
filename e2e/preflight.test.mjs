// What is tried before the first picture.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { begin, browser, models } from "./service.mjs";
import { accessible, at, phone, toPictures } from "./steps.mjs";

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

/** Somebody before the first picture, in a browser as a script makes it. */
async function beforeFront(script, more = {}) {
  const context = await himself.newContext({ ...phone, locale: "zh-CN", ...more });
  if (script) await context.addInitScript(script);
  const page = await context.newPage();
  const { link } = await service.session("preflight-shop");
  await toPictures(page, service, link, { name: "", id_number: "" });
  return { context, page };
}

const says = (page, check) => page.locator(`[data-check="${check}"] [data-say]`).innerText();
const summed = (page, text) => page.locator('[data-test="preflight-sum"]', { hasText: text }).waitFor();

test("everything works: it says so, and a camera that was not asked for yet can be tried", async () => {
  const { context, page } = await beforeFront(() => {
    navigator.permissions.query = async () => ({ state: "prompt" });
  });
  await summed(page, "都没问题");
  assert.match(await says(page, "permission"), /请点“允许”/);
  await accessible(page);
  // By the keyboard alone.
  await at(page, "preflight-try").focus();
  await page.keyboard.press("Enter");
  await at(page, "preflight-try").waitFor({ state: "hidden" });
  assert.equal(await says(page, "permission"), "可以");
  assert.equal(await says(page, "storage"), "可以");
  // With a picture taken it has done its work.
  await page.locator('[data-test="file"]').setInputFiles(service.front);
  await page.waitForURL("**/preview");
  await page.goto(`${service.url}/verify/step/front`);
  assert.equal(await at(page, "preflight").count(), 0);
  await context.close();
});

test("each fault has its own sentence, and is gone when it is mended", async () => {
  const { context, page } = await beforeFront(() => {
    window.broken = true;
    const { mediaDevices, permissions, storage } = navigator;
    const [devices, estimate] = [mediaDevices.enumerateDevices.bind(mediaDevices), storage.estimate.bind(storage)];
    mediaDevices.enumerateDevices = async () => (window.broken ? [] : devices());
    permissions.query = async () => ({ state: window.broken ? "denied" : "granted" });
    storage.estimate = async () => (window.broken ? { quota: 2e6, usage: 1e6 } : estimate());
  });
  await summed(page, "3 处要先解决");
  assert.match(await says(page, "camera"), /没有找到相机/);
  assert.match(await says(page, "permission"), /允许使用相机/);
  assert.match(await says(page, "storage"), /快存满了/);
  assert.equal(await says(page, "network"), "可以");
  await accessible(page);
  await at(page, "to-browser").waitFor();
  await page.evaluate(() => (window.broken = false));
  await context.setOffline(true);
  await at(page, "preflight-again").click();
  await summed(page, "1 处要先解决");
  assert.match(await says(page, "network"), /没有网络/);
  await context.setOffline(false);
  await page.route("**/assets/mark*", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 1700));
    await route.continue();
  });
  await at(page, "preflight-again").click();
  await summed(page, "都没问题");
  assert.match(await says(page, "network"), /网络很慢/);
  await context.close();
});

test("a browser that cannot use the camera is told so, and has other ways", async () => {
  const { context, page } = await beforeFront(() => {
    Object.defineProperty(navigator, "mediaDevices", { value: undefined });
  });
  await summed(page, "1 处要先解决");
  assert.match(await says(page, "browser"), /不能直接用相机/);
  assert.ok(await at(page, "camera-open").isHidden());
  await at(page, "to-browser").waitFor();
  await page.locator("[data-snap]").waitFor();
  await context.close();
});

test("without scripts nothing is tried, and a picture goes all the same", async () => {
  const { context, page } = await beforeFront();
  const plain = await himself.newContext({ ...phone, locale: "zh-CN", javaScriptEnabled: false });
  await plain.addCookies(await context.cookies());
  const other = await plain.newPage();
  await other.goto(page.url());
  assert.ok(await at(other, "preflight").isHidden());
  await at(other, "plain-file").setInputFiles(service.front);
  await at(other, "plain-send").click();
  await other.waitForURL("**/verify/step/front/preview");
  for (const one of [context, plain]) await one.close();
});
