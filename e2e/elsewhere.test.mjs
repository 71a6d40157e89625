// Links in the browsers of apps, and cameras that these refuse.
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
