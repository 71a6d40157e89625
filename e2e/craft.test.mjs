// How pages are made: from small phones to wide screens, light and dark.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { begin, browser, models } from "./service.mjs";
import { accessible, at, enter, give, handIn, phone, reviewer, shoot, toPictures } from "./steps.mjs";

const WIDTHS = [320, 390, 768, 1280, 1440];
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

/** At every width and in both lights: nothing reaches beyond the edge; and nothing serious for axe on a small light and a wide dark one. */
async function wellMade(page, what) {
  const before = page.viewportSize();
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      const { over, who } = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.scrollingElement;
        const far = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > clientWidth + 1);
        return { over: scrollWidth - clientWidth, who: far.slice(0, 3).map((one) => one.outerHTML.slice(0, 120)) };
      });
      assert.ok(over <= 0, `${what} at ${width} px, ${colorScheme}: ${over} px too wide: ${who.join("\n")}`);
      if (width === (colorScheme === "light" ? 320 : 1280)) await accessible(page);
    }
  }
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize(before);
}

test("the person's pages fit every screen, light and dark", async () => {
  const context = await himself.newContext({ viewport: { width: 1280, height: 800 }, locale: "en-GB" });
  const page = await context.newPage();
  const { link } = await service.session("craft-shop", { contact: { email: "lin@example.com" } });
  await enter(page, service, link, { ...service.fields, name: "林小雨" }, async (_, here) => {
    await at(page, here).waitFor();
    await wellMade(page, here);
  });
  await page.waitForURL("**/verify/step/front");
  await wellMade(page, "the first picture");
  await page.locator('[data-test="file"]').setInputFiles(service.front);
  await page.waitForURL("**/preview");
  await wellMade(page, "the preview");
  await at(page, "use").click();
  await give(page, "back", service.back);
  await page.waitForURL("**/verify/step/selfie");
  await wellMade(page, "the selfie");
  await shoot(page);
  await at(page, "use").click();
  await page.waitForURL("**/verify/review");
  await wellMade(page, "the overview");
  await handIn(page);
  await at(page, "fix-front").waitFor({ timeout: 20000 });
  await wellMade(page, "what to fix");
  await page.goto(`${service.url}/verify/later`);
  await wellMade(page, "going on later");
  await page.goto(`${service.url}/verify?show=start`);
  await at(page, "to-phone").click();
  await at(page, "qr").waitFor();
  await wellMade(page, "going on with the phone");
  const strange = await himself.newContext({ viewport: { width: 1280, height: 800 }, locale: "zh-CN", userAgent: "MicroMessenger/8.0" });
  const other = await strange.newPage();
  await other.goto(await at(page, "qr").getAttribute("data-link"));
  await wellMade(other, "opening it elsewhere");
  await at(other, "stay-here").click();
  await wellMade(other, "which number");
  await other.goto(link);
  await wellMade(other, "a link that was used");
  for (const one of [context, strange]) await one.close();
});

test("the console's pages fit every screen, light and dark", async () => {
  // A case to look at: an identity that another shop holds.
  const context = await himself.newContext({ ...phone, locale: "zh-CN" });
  for (const shop of ["craft-first", "craft-second"]) {
    const page = await context.newPage();
    const { link } = await service.session(shop);
    await (shop === "craft-first" ? toPictures : enter)(page, service, link, service.fields);
    if (shop === "craft-second") await at(page, "reclaim").click();
    await give(page, "front", service.front);
    await give(page, "back", service.back);
    await shoot(page);
    await at(page, "use").click();
    await handIn(page);
    await at(page, shop === "craft-first" ? "verified" : "in-review").waitFor({ timeout: 20000 });
    await wellMade(page, shop);
    await page.close();
    await context.clearCookies();
  }
  await context.close();
  const desk = await reviewer(himself, service);
  await wellMade(desk, "the cases");
  await desk.locator('a[href^="/console/cases/"]').first().click();
  await at(desk, "note").waitFor();
  await wellMade(desk, "a case");
  await desk.goto(`${service.url}/console/pace?mode=test`);
  await wellMade(desk, "the time to finish");
  await desk.goto(`${service.url}/console/notices`);
  await wellMade(desk, "the notices");
  await desk.context().close();
});
