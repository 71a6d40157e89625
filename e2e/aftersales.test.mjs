// A buyer's after-sales request on the phone: a photograph and a video over a line that breaks, handed in, withdrawn.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { begin, browser, models } from "./service.mjs";
import { accessible, at, phone } from "./steps.mjs";

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

/** Bytes that begin as a video does. */
function film(bytes) {
  const path = join(mkdtempSync(join(tmpdir(), "shiren-clip-")), "clip.mp4");
  const whole = Buffer.alloc(bytes, 7);
  whole.write("\0\0\0\x18ftypmp42", 0, "latin1");
  writeFileSync(path, whole);
  return path;
}

const request = (order) => service.api("POST", "/v1/aftersales", { buyer: "buyer-7", order, kind: "return", amount_cents: 25900 });

test("a photograph and a video go on after a broken line, and the page says what comes next", async () => {
  const context = await himself.newContext({ ...phone, locale: "zh-CN" });
  const page = await context.newPage();
  const { url, id } = await request("order-1");
  await page.goto(url);
  await at(page, "state-draft").waitFor();
  // Without scripts a button would send; with them choosing is enough.
  assert.equal(await at(page, "send-file").isVisible(), false);
  await at(page, "file").setInputFiles(join(models, "samples/obama2.jpg"));
  await page.locator(".files img").waitFor();
  await accessible(page);
  const taken = [];
  page.on("response", (response) => {
    const offset = response.request().headers()["upload-offset"];
    if (response.request().method() === "PATCH" && response.ok()) taken.push(Number(offset));
  });
  let cut = false;
  await page.route("**/aftersales/upload/*", async (route) => {
    const offset = Number(route.request().headers()["upload-offset"]);
    if (route.request().method() === "PATCH" && offset > 0 && !cut) {
      cut = true;
      return route.abort("internetdisconnected");
    }
    return route.continue();
  });
  const clip = film(1_300_000);
  await at(page, "file").setInputFiles(clip);
  await page.locator(".files video").waitFor({ timeout: 30000 });
  assert.deepEqual(taken, [0, 1, 2].map((n) => n * 512 * 1024), "no piece twice");
  const shown = await page.request.get(await page.locator(".files video").evaluate((video) => video.src));
  assert.ok((await shown.body()).equals(readFileSync(clip)), "it comes back as it was sent");
  // Something else is told in the buyer's words, and nothing of it stays.
  await page.locator(".files form button").last().click();
  await page.locator(".files video").waitFor({ state: "detached" });
  const page_ = join(mkdtempSync(join(tmpdir(), "shiren-clip-")), "clip.mp4");
  writeFileSync(page_, "<html>no video</html>");
  await at(page, "file").setInputFiles(page_);
  await page.locator("[data-said]", { hasText: "MP4" }).waitFor();
  await at(page, "text").fill("收到时箱子是开的，杯子碎了。");
  await at(page, "submit").click();
  await at(page, "state-verification_required").waitFor();
  assert.equal((await service.api("GET", `/v1/aftersales/${id}`)).state, "verification_required");
  await at(page, "verify").click();
  await page.waitForURL("**/verify");
  await context.close();
});

test("withdrawn, it says so, and a person is one tap away", async () => {
  const context = await himself.newContext({ ...phone, locale: "zh-CN" });
  const page = await context.newPage();
  const { url } = await request("order-2");
  await page.goto(url);
  await at(page, "withdraw").click();
  await at(page, "withdraw-sure").click();
  await at(page, "state-withdrawn").waitFor();
  assert.ok(await page.locator("#contact a[href^='tel:']").isVisible());
  await context.close();
});
