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

// A condition is looked at by the server while somebody writes it: half a second after they stop.
for (const field of /** @type {NodeListOf<HTMLTextAreaElement>} */ (document.querySelectorAll("textarea[data-check]"))) {
  const said = document.getElementById(field.getAttribute("aria-describedby") ?? "");
  const form = field.form;
  const at = field.dataset.check;
  if (!said || !form || !at) continue;
  let asked = 0;
  let timer = 0;
  const ask = async () => {
    const turn = ++asked;
    // Every value is a text: there are no files in these forms.
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form)) body.append(name, String(value));
    body.set("check", field.name);
    try {
      const answer = await fetch(at, { method: "POST", body });
      if (!answer.ok || answer.redirected || turn !== asked) return;
      const found = await answer.json();
      said.textContent = found.said;
      said.className = found.ok ? "said ok" : "said fail";
    } catch {
      // Offline: the form itself says what is wrong when it is sent.
    }
  };
  form.addEventListener("input", (event) => {
    const from = /** @type {Element} */ (event.target);
    if (from !== field && !from.matches("select, [name=clock], [name=events]")) return;
    clearTimeout(timer);
    timer = window.setTimeout(() => void ask(), 500);
  });
  if (field.value.trim()) void ask();
}

export {};
