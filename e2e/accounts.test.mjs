// Which account scans, and the owner's page of sub-accounts, in a browser. No picture is looked at.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { accountAssertion, keySet } from "../docs/guides/account_assertion.mjs";
import { begin } from "./service.mjs";
import { accessible, at, desktop, phone } from "./steps.mjs";

const { privateKey } = generateKeyPairSync("ed25519");
const KEY = "2026-11";
const ISSUER = "https://market.example";
let service;
let browser;
/** The marketplace's own site, which frames the page and shows the strip. */
let market;
let said = null;

before(async () => {
  market = createServer((request, response) => {
    if (request.url === "/my/strip") {
      response.setHeader("content-type", "application/json");
      return response.end(JSON.stringify(said));
    }
    response.setHeader("content-type", "text/html; charset=utf-8");
    // As strict a policy as a marketplace may have: no inline styles, one other origin.
    response.setHeader("content-security-policy", `default-src 'none'; script-src ${service.url}; connect-src 'self'; frame-src ${service.url}`);
    const frame = new URL(request.url, "http://localhost").searchParams.get("frame");
    response.end(`<!doctype html><html lang="${request.url.includes("en") ? "en" : "zh-CN"}"><title>market</title><main><h1>market</h1><script type="module" src="${service.url}/embed/strip.js"></script>
<shiren-strip src="/my/strip" href="/my/verification"></shiren-strip>${frame ? `<iframe title="sub-accounts" src="${frame}" width="900" height="700"></iframe>` : ""}</main>`);
  });
  await new Promise((resolve) => market.listen(0, "127.0.0.1", resolve));
  const origin = `http://localhost:${market.address().port}`;
  service = await begin((folder) => {
    const keys = join(folder, "keys.json");
    writeFileSync(keys, JSON.stringify(keySet(privateKey, KEY)));
    return { platform: `assertion_keys = "${keys}"\nassertion_issuer = "${ISSUER}"\nembed_origins = ["${origin}"]` };
  });
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
  await service.api("POST", "/v1/shops", { id: "shop-1", type: "c2c" });
  for (const id of ["shop-1:a", "shop-1:b"]) {
    await service.api("POST", "/v1/shops/shop-1/staff", { id, name: id === "shop-1:a" ? "客服小王" : "仓库小李", role: "customer_service" });
  }
});
after(async () => {
  await browser?.close();
  await service?.stop();
  market?.close();
});

const assertion = (account, more = {}) =>
  accountAssertion(privateKey, KEY, { issuer: ISSUER, audience: service.url, mode: "test", kind: "staff", account, main: "shop-1", ...more });

/** As an app's browser posts it. */
async function posted(page, link, token) {
  await page.setContent(`<form method="post" action="${link}"><input name="account_assertion" value="${token}"><button>go</button></form>`);
  await Promise.all([page.waitForURL(/\/(v|verify)(\/|$)/), page.locator("button").click()]);
}

async function staffLink() {
  const made = await service.api("POST", "/v1/verification_sessions", { program: "staff", account: { kind: "staff", id: "shop-1:a" }, account_assertion: true });
  return made.link.url;
}

test("a code opens in the app for its own account, and everybody else is told what to do", async () => {
  const context = await browser.newContext({ ...phone, locale: "zh-CN" });
  const page = await context.newPage();
  const link = await staffLink();
  await page.goto(link);
  await at(page, "with-app").waitFor();
  await accessible(page);
  await posted(page, link, assertion("shop-1:b"));
  await at(page, "failure-account_mismatch").waitFor();
  assert.ok(!(await page.content()).includes("shop-1:a"));
  await accessible(page);
  await posted(page, link, assertion("shop-1:a"));
  await at(page, "start").waitFor();
  await context.close();
});

test("behind # it is posted by the page, and gone from the address", async () => {
  const context = await browser.newContext({ ...phone, locale: "zh-CN" });
  const page = await context.newPage();
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(`${await staffLink()}#account_assertion=${assertion("shop-1:a")}`);
  await at(page, "start").waitFor();
  assert.match(page.url(), /\/verify$/);
  assert.ok(!asked.some((url) => new URL(url).search.includes("account_assertion")), asked.join("\n"));
  await page.goBack();
  assert.ok(!page.url().includes("#"), page.url());
  await context.close();
});

test("somebody's phone may be used, and every page says so", async () => {
  const context = await browser.newContext({ ...phone, locale: "zh-CN" });
  const page = await context.newPage();
  await posted(page, await staffLink(), assertion("shop-1:a", { administrator: "shop-1:admin" }));
  await at(page, "assisted").waitFor();
  await accessible(page);
  await at(page, "start").click();
  await at(page, "assisted").waitFor();
  await context.close();
});

for (const width of [320, 768, 1440]) {
  for (const colorScheme of ["light", "dark"]) {
    test(`the owner's page fits ${width} pixels, ${colorScheme}`, async () => {
      const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme, locale: "zh-CN" });
      const page = await context.newPage();
      const { url } = await service.api("POST", "/v1/shops/shop-1/management_links", {});
      await page.goto(url);
      await at(page, "row-shop-1:a").waitFor();
      await accessible(page);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= width, `${wide} pixels`);
      if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `manage-${width}-${colorScheme}.png`), fullPage: true });
      await at(page, "verify-shop-1:a").click();
      await at(page, "make-code").click();
      await at(page, "qr").waitFor();
      await accessible(page);
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width);
      if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `code-${width}-${colorScheme}.png`), fullPage: true });
      await context.close();
    });
  }
}

test("a new sub-account leads to its code, and the desk follows the phone; by keyboard alone", async () => {
  await service.api("POST", "/v1/shops/shop-1/staff", { id: "shop-1:new", name: "新来的", role: "operations" });
  const { url } = await service.api("POST", "/v1/shops/shop-1/management_links", { staff: "shop-1:new" });
  const desk = await browser.newContext({ ...desktop, locale: "zh-CN" });
  const page = await desk.newPage();
  await page.goto(url);
  await at(page, "make-code").waitFor();
  for (let tabs = 0; tabs < 20; tabs += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(() => document.activeElement?.getAttribute("data-test") === "make-code")) break;
  }
  await page.keyboard.press("Enter");
  const link = await at(page, "qr").getAttribute("data-link");
  const pocket = await browser.newContext({ ...phone, locale: "zh-CN" });
  const hand = await pocket.newPage();
  await posted(hand, link, assertion("shop-1:new"));
  await page.locator('[data-test="follow-opened"].done').waitFor({ timeout: 5000 });
  await at(hand, "start").click();
  await hand.locator('input[name="identity"]').check();
  await hand.locator('input[name="face"]').check();
  await at(hand, "consent-submit").click();
  await page.locator('[data-test="follow-consent"].done').waitFor({ timeout: 5000 });
  await pocket.close();
  await desk.close();
});

test("the marketplace's own page frames it, nobody else's does", async () => {
  const context = await browser.newContext({ ...desktop, locale: "zh-CN" });
  const page = await context.newPage();
  const { url } = await service.api("POST", "/v1/shops/shop-1/management_links", {});
  await page.goto(`http://localhost:${market.address().port}/?frame=${encodeURIComponent(url)}`);
  await page.frameLocator("iframe").locator('[data-test="row-shop-1:a"]').waitFor();
  const again = await service.api("POST", "/v1/shops/shop-1/management_links", {});
  await page.goto(`http://127.0.0.1:${market.address().port}/?frame=${encodeURIComponent(again.url)}`);
  await page.waitForTimeout(500);
  assert.equal(await page.frameLocator("iframe").locator('[data-test="row-shop-1:a"]').count(), 0);
  await context.close();
});

test("the yellow strip says what it is told, in both languages, and nothing when there is nothing", async () => {
  await service.api("POST", "/v1/staff/shop-1:b/ask", {});
  const context = await browser.newContext({ viewport: { width: 320, height: 600 }, locale: "zh-CN" });
  const page = await context.newPage();
  const origin = `http://localhost:${market.address().port}`;
  said = await service.api("GET", "/v1/staff/shop-1:b/banner");
  await page.goto(`${origin}/`);
  const strip = page.locator("shiren-strip");
  await strip.waitFor({ state: "visible" });
  assert.match(await strip.locator("p").innerText(), /还有.*完成实人认证[\s\S]*去认证/);
  await accessible(page);
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 320);
  if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, "strip.png") });
  await page.goto(`${origin}/en`);
  await strip.waitFor({ state: "visible" });
  assert.match(await strip.locator("p").innerText(), /left to verify yourself[\s\S]*Verify now/);
  said = await service.api("GET", "/v1/staff/shop-1:a/banner");
  assert.equal(said.urgency, null);
  await page.evaluate(() => document.querySelector("shiren-strip").refresh());
  await strip.waitFor({ state: "hidden" });
  await context.close();
});
