// A camera that is not there, not allowed, in use, or lost midway: each has its sentence, and the way goes on.
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

/** Somebody before the first picture; a browser that fails so when it is asked for the camera. */
async function beforeFront(fails) {
  const context = await himself.newContext({ ...phone, locale: "zh-CN" });
  if (fails) {
    await context.addInitScript((name) => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", name));
    }, fails);
  }
  const page = await context.newPage();
  const { link } = await service.session("camera-shop");
  await toPictures(page, service, link, { name: "", id_number: "" });
  return { context, page };
}

for (const [what, fails, told] of [
  ["denied", "NotAllowedError", /允许使用相机/],
  ["not there", "NotFoundError", /没有找到相机/],
  ["in use elsewhere", "NotReadableError", /被别的程序占用/],
]) {
  test(`a camera that is ${what} is told, and a file goes on`, async () => {
    const { context, page } = await beforeFront(fails);
    await at(page, "camera-open").click();
    const message = page.locator("[data-message]");
    await message.waitFor();
    assert.match(await message.innerText(), told);
    await accessible(page);
    await give(page, "front", service.front);
    await page.waitForURL("**/verify/step/back");
    await context.close();
  });
}

test("a camera lost midway is no network problem, and opens again", async () => {
  const { context, page } = await beforeFront();
  await at(page, "camera-open").click();
  await page.locator('[data-test="shutter"]:enabled').waitFor();
  await page.evaluate(() => document.querySelector("[data-camera] video").srcObject.getVideoTracks()[0].dispatchEvent(new Event("ended")));
  const message = page.locator("[data-message]");
  await message.waitFor();
  assert.match(await message.innerText(), /相机中途断开了/);
  await at(page, "camera-open").click();
  await page.locator('[data-test="shutter"]:enabled').waitFor();
  assert.ok(await message.isHidden());
  await context.close();
});
