// Browsers that cannot do everything: those of apps, which refuse the camera, and what is tried before the first
// picture.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { begin, browser, models } from "./service.mjs";
import { accessible, at, phone, toPictures } from "./steps.mjs";

const weChat = "Mozilla/5.0 (iPhone; CPU iPhone OS 9_3 like Mac OS X) AppleWebKit/601.1.46 (KHTML, like Gecko) Mobile/13E233 MicroMessenger/6.3.15 NetType/WIFI Language/zh_CN";
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

const inWeChat = (more) => himself.newContext({ ...phone, locale: "zh-CN", userAgent: weChat, ...more });

/** The app does not give its pages the camera. */
const refused = (context) =>
  context.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "NotAllowedError"));
  });

test("in an app a link says how to open it elsewhere, is copied, and opens there", async () => {
  const context = await inWeChat({ permissions: ["clipboard-read", "clipboard-write"] });
  const page = await context.newPage();
  const { link } = await service.session("wechat-shop");
  await page.goto(link);
  assert.match(await page.locator("main").innerText(), /微信/);
  await accessible(page);
  assert.equal(await at(page, "elsewhere-link").inputValue(), link);
  await at(page, "copy-link").click();
  await page.locator("[data-copied]", { hasText: "已复制" }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), link);
  const safari = await himself.newContext({ ...phone, locale: "zh-CN" });
  const other = await safari.newPage();
  await other.goto(link);
  await at(other, "start").waitFor();
  for (const one of [context, safari]) await one.close();
});

test("who stays in the app and may send files uses the phone's own camera", async () => {
  const context = await inWeChat();
  await refused(context);
  const page = await context.newPage();
  const { link } = await service.session("stay-shop");
  await page.goto(link);
  await at(page, "stay-here").click();
  await at(page, "start").waitFor();
  await toPictures(page, service, `${service.url}/verify`, { name: "", id_number: "" });
  await at(page, "camera-open").click();
  await page.locator("[data-snap]").waitFor();
  assert.equal(await at(page, "snap").getAttribute("capture"), "environment");
  await accessible(page);
  await at(page, "snap").setInputFiles(service.front);
  await page.waitForURL("**/verify/step/front/preview");
  await context.close();
});

test("who must be captured live and is refused the camera leaves for a browser, with a fresh link", async () => {
  const context = await inWeChat();
  await refused(context);
  const page = await context.newPage();
  const { link } = await service.session("live-only-shop", {}, "live");
  await toPictures(page, service, `${link}?here=1`, service.fields);
  await page.goto(`${service.url}/verify/step/selfie`);
  await at(page, "live-open").click();
  await page.locator("[data-live-message]", { hasText: "换一个浏览器打开" }).waitFor();
  assert.equal(await page.locator('input[type="file"]').count(), 0, "no file is offered that would be refused");
  await at(page, "to-browser").click();
  await at(page, "elsewhere").waitFor();
  await accessible(page);
  // "Open in browser" takes what stands in the address bar.
  const fresh = await at(page, "elsewhere-link").inputValue();
  assert.equal(page.url(), fresh);
  assert.notEqual(fresh, link);
  const safari = await himself.newContext({ ...phone, locale: "zh-CN" });
  const other = await safari.newPage();
  await other.goto(fresh);
  await other.waitForURL("**/verify/step/front");
  for (const one of [context, safari]) await one.close();
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
