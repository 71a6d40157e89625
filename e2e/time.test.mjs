// The half hour: seen all along, and more of it offered at the end.
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
