// @ts-check
// Copies the link, and puts it into the address bar: an app's "open in browser" takes what stands there.

const root = /** @type {HTMLElement | null} */ (document.querySelector("[data-elsewhere]"));
if (root) offer(root);

/** @param {HTMLElement} root */
function offer(root) {
  const link = root.dataset.elsewhere ?? "";
  const field = /** @type {HTMLInputElement | null} */ (root.querySelector("input"));
  const copy = /** @type {HTMLButtonElement | null} */ (root.querySelector("[data-copy]"));
  const copied = /** @type {HTMLElement | null} */ (root.querySelector("[data-copied]"));
  if (new URL(link, location.href).origin === location.origin) history.replaceState(null, "", link);
  field?.addEventListener("focus", () => field.select());
  if (!field || !copy || !copied) return;
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    const done = await navigator.clipboard?.writeText(link).then(() => true, () => false);
    copied.textContent = (done || copyOld(field) ? copied.dataset.word : copied.dataset.wordByHand) ?? "";
  });
}

/** As browsers did before they had a clipboard, and many in apps still do. @param {HTMLInputElement} field */
function copyOld(field) {
  field.focus();
  field.select();
  return document.execCommand("copy");
}

export {};
