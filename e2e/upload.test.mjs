// A picture on its way over a line that breaks.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { begin, browser, models } from "./service.mjs";
import { at, phone, toPictures } from "./steps.mjs";

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

test("cut in the middle of a picture, it says so and goes on by itself from where it was", async () => {
  const context = await himself.newContext({ ...phone, locale: "zh-CN" });
  const page = await context.newPage();
  const { link } = await service.session("cut-shop");
  await toPictures(page, service, link, { name: "", id_number: "" });
  // Which pieces the server took, and where the line breaks: after the first.
  const taken = [];
  let begun = 0;
  page.on("response", (response) => {
    if (response.status() === 201 && response.url().includes("/verify/uploads/")) begun += 1;
    const offset = response.request().headers()["upload-offset"];
    if (response.request().method() === "PATCH" && response.ok()) taken.push(Number(offset));
  });
  let cut = false;
  await page.route("**/verify/upload/*", async (route) => {
    const offset = Number(route.request().headers()["upload-offset"]);
    if (route.request().method() === "PATCH" && offset > 0 && !cut) {
      cut = true;
      await context.setOffline(true);
      return route.abort("internetdisconnected");
    }
    return route.continue();
  });
  await page.locator('[data-test="file"]').setInputFiles(service.front);
  await page.locator("[data-what]", { hasText: "自动接着传" }).waitFor({ timeout: 20000 });
  assert.deepEqual(taken, [0]);
  await context.setOffline(false);
  await page.waitForURL("**/verify/step/front/preview", { timeout: 30000 });
  await at(page, "use").waitFor();
  // One upload, and no piece twice: each begins where the last one ended.
  assert.equal(begun, 1);
  assert.deepEqual(taken, taken.map((_, n) => n * 256 * 1024));
  assert.ok(taken.length > 1, `the picture has more than one piece: ${taken}`);
  await context.close();
});
