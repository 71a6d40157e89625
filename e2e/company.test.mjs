// The owner of a company's shop: the business licence comes after the card and before the face, and is read.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { begin, browser, models } from "./service.mjs";
import { accessible, at, give, handIn, phone, shoot, toPictures } from "./steps.mjs";

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

/** The legal person of a company of this code, on a phone, gone through everything until this is shown; the session afterwards. */
async function goesThrough(shop, creditCode, ends) {
  const company = { credit_code: creditCode, name: service.company.company_name, verifies_as: "legal_person" };
  await service.api("POST", "/v1/shops", { id: shop, type: "b2c", company });
  const context = await himself.newContext({ ...phone, locale: "zh-CN" });
  const page = await context.newPage();
  const { id, link } = await service.session(shop);
  await toPictures(page, service, link, { name: "", id_number: "" });
  await give(page, "front", service.front);
  await give(page, "back", service.back);
  await page.waitForURL("**/verify/step/business-licence");
  assert.match(await page.locator("h1").innerText(), /营业执照/);
  await accessible(page);
  if (process.env.PICTURES) await page.screenshot({ path: join(process.env.PICTURES, "licence.png"), fullPage: true });
  await give(page, "business-licence", service.licence);
  await shoot(page);
  await at(page, "use").click();
  await page.waitForURL("**/verify/review");
  assert.match(await page.locator("main").innerText(), /营业执照/);
  if (process.env.PICTURES) await page.screenshot({ path: join(process.env.PICTURES, "review.png"), fullPage: true });
  await handIn(page);
  await at(page, ends).waitFor({ timeout: 60000 });
  await accessible(page);
  if (process.env.PICTURES) await page.screenshot({ path: join(process.env.PICTURES, `${shop}.png`), fullPage: true });
  await context.close();
  return service.api("GET", `/v1/verification_sessions/${id}`);
}

test("a company's legal person opens its shop with card, licence and face", async () => {
  const session = await goesThrough("company", service.company.credit_code, "verified");
  assert.equal(session.status, "verified", JSON.stringify(session.reasons));
  assert.equal((await service.api("GET", "/v1/shops/company")).status, "open");
});

test("another company's licence is told, and what to do", async () => {
  const session = await goesThrough("another", "91350100M000100Y43", "fix-business-licence");
  assert.deepEqual([session.status, session.reasons.map((r) => r.code)], ["requires_input", ["credit_code_mismatch"]]);
});
