// @ts-check
// The keyboard at the console: j and k move through the list, Enter opens, keys named on the page go where they say.

const links = /** @type {HTMLAnchorElement[]} */ ([...document.querySelectorAll("[data-rows] tbody a")]);

for (const row of document.querySelectorAll("[data-rows] tbody tr")) {
  row.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (!target.closest("a, button, input") && !getSelection()?.toString()) row.querySelector("a")?.click();
  });
}

document.addEventListener("keydown", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.key === "Escape") {
    target.blur();
    for (const open of document.querySelectorAll("details[open]")) open.removeAttribute("open");
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input, textarea, select")) return;
  if (links.length && (event.key === "j" || event.key === "k")) {
    const at = links.findIndex((link) => link === document.activeElement);
    const next = event.key === "j" ? Math.min(at + 1, links.length - 1) : Math.max(at - 1, 0);
    links[next].focus();
    event.preventDefault();
    return;
  }
  const named = /** @type {HTMLElement | null} */ (document.querySelector(`[data-key="${CSS.escape(event.key)}"]`));
  if (!named) return;
  event.preventDefault();
  if (named instanceof HTMLAnchorElement) named.click();
  else named.focus();
});

export {};
